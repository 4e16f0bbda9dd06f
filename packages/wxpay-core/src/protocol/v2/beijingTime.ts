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
  if (!/^\d{14}$/.test(text)) return undefined
  const time = DateTime.fromFormat(text, format, { zone, locale: 'en-US' })
  return time.isValid ? time.toJSDate() : undefined
}
