/** A person should look (rule R22). WeChat's own limit, five minutes, is the doctor's. */
const warnAtMs = 30_000

const warnEveryMs = 600_000

/**
 * Compares our clock with the Date of WeChat's answers, which nobody has signed: it is told, and nothing is decided by it.
 *
 * @returns what is to be told each Date, in ms. It names whole seconds and the answer took its way, so an error of about a second is none.
 */
export function createSkewWatch(tell: {
  now: () => number
  skew: (ms: number) => void
  warn: (ms: number) => void
}): (wechatMs: number) => void {
  let warnedAt = Number.NEGATIVE_INFINITY
  return (wechatMs) => {
    const now = tell.now()
    const skewMs = now - wechatMs
    tell.skew(skewMs)
    if (Math.abs(skewMs) < warnAtMs || Math.abs(now - warnedAt) < warnEveryMs) return
    warnedAt = now
    tell.warn(skewMs)
  }
}
