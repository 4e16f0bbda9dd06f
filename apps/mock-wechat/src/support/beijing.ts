/** China has kept UTC+8 without summer time since 1991: plain arithmetic is exact for every date that matters here. */
const offsetMs = 8 * 3_600_000

/** yyyyMMddHHmmss in Beijing time, whatever zone the machine runs in. */
export function formatBeijing(atMs: number): string {
  return beijingClock(atMs).replace(/\D/g, '')
}

/** yyyy-MM-ddTHH:mm:ss in Beijing time. */
export const beijingClock = (atMs: number): string => new Date(atMs + offsetMs).toISOString().slice(0, 19)

/** Milliseconds of yyyyMMddHHmmss in Beijing time; undefined when it is no real date (20260230…, 20260101250000). */
export function parseBeijing(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text)
  if (!parts) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number)
  const atMs = Date.UTC(year, month - 1, day, hour, minute, second) - offsetMs
  return formatBeijing(atMs) === text ? atMs : undefined
}

/** yyyy-MM-dd HH:mm:ss in Beijing time: how v2 writes the moments of refunds, and bills all of theirs. */
export function formatDashed(atMs: number): string {
  return formatBeijing(atMs).replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3 $4:$5:$6')
}
