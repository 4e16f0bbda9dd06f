import { fault, ok, warning, type Finding } from './finding.ts'

/** From here on somebody should look (rule R22). */
const warnFromMs = 30_000
/** WeChat refuses a v3 request, and we a v3 notice, that was signed longer ago. */
const faultFromMs = 300_000

/**
 * Judges our clock by the Date headers of WeChat's answers.
 *
 * @param skewsMs - ours minus WeChat's, one per answer that had a Date
 */
export function checkClock(skewsMs: readonly number[]): Finding {
  const worst = skewsMs.toSorted((one, other) => Math.abs(other) - Math.abs(one))[0]
  if (worst === undefined) return warning('clock', 'not seen: no answer carried a Date', 'Compare the clock of this machine by hand.')
  const off = Math.abs(worst)
  const detail = `${describe(off)} ${worst < 0 ? 'behind' : 'ahead of'} WeChat's`
  if (off >= faultFromMs) return fault('clock', `${detail}: v3 requests and notices are refused from 5 minutes on`, advice)
  if (off >= warnFromMs) return warning('clock', detail, advice)
  return ok('clock', off < 1_500 ? "the same as WeChat's" : detail)
}

const advice = 'Let the machine take its time from NTP (systemd-timesyncd, chrony); in a container it is the host that keeps it.'

function describe(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}
