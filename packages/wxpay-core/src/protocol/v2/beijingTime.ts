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

/** The other form, of refunds and bills: "2026-03-02 14:05:33". @returns undefined when the text is not a moment */
export function fromSpacedBeijingTime(text: string): Date | undefined {
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? fromBeijingTime(text.replace(/[-: ]/g, '')) : undefined
}

/** @returns undefined when the text is not a moment, e.g. "20260230000000" */
export function fromBeijingTime(text: string): Date | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)([01]\d|2[0-3])([0-5]\d)([0-5]\d)$/.exec(text)
  if (!parts) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number)
  // Date counts 30 February as 2 March: only a day that stays what it was is in the calendar.
  const date = new Date(Date.UTC(year, month - 1, day))
  if (date.getUTCFullYear() !== year || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  return new Date(date.getTime() + ((hour - 8) * 3600 + minute * 60 + second) * 1000)
}
