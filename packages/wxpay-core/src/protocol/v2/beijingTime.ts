import { DateTime } from 'luxon'

/** Every time of v2 is yyyyMMddHHmmss on a clock in Beijing (UTC+8, no summer time), wherever the server stands. */
const format = 'yyyyMMddHHmmss'
const zone = 'Asia/Shanghai'

/** @throws {RangeError} when the date is not valid */
export function toBeijingTime(date: Date): string {
  const time = DateTime.fromJSDate(date, { zone })
  if (!time.isValid) throw new RangeError('not a valid date')
  return time.toFormat(format)
}

/** @returns undefined when the text is not a moment, e.g. "20260230000000" */
export function fromBeijingTime(text: string): Date | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text)
  if (!parts) return undefined
  const [, year, month, day, hour, minute, second] = parts
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}`
  const time = Date.parse(`${iso}+08:00`)
  // Date reads 30 February as 2 March: only what comes back unchanged was a moment.
  const isMoment = !Number.isNaN(time) && new Date(time + 8 * 3_600_000).toISOString().startsWith(iso)
  return isMoment ? new Date(time) : undefined
}
