export interface Refusal {
  at: string
  endpoint: string
  /** What WeChat would say. */
  answer: string
  /** What it does not say: the parameter, or the text that the signature should have covered. */
  reason: string
}

export type Refusals = ReturnType<typeof createRefusals>

/** The last refused calls with the reason, because "签名错误" alone has cost every integrator an evening. */
export function createRefusals(log: { info(refusal: Refusal, message: string): void }, keep = 100) {
  const last: Refusal[] = []
  return {
    add(endpoint: string, answer: string, reason: string): void {
      const refusal = { at: new Date().toISOString(), endpoint, answer, reason }
      last.push(refusal)
      if (last.length > keep) last.shift()
      log.info(refusal, 'refused')
    },
    list: () => [...last],
    clear: () => void last.splice(0),
  }
}
