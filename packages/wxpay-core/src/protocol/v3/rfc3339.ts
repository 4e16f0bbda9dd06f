import { digits } from './digits.ts'

/** A moment on a clock in Beijing (UTC+8, no summer time), in whole seconds: "2026-01-01T08:30:00+08:00". @throws {RangeError} when the date is not valid */
export function toRfc3339(date: Date): string {
  return new Date(date.getTime() + 8 * 3_600_000).toISOString().replace(/\.\d{3}Z$/, '+08:00')
}

/**
 * Reads a moment with its offset, strictly. By hand, because it stands in the way of every notice, and a library's reader costs as much
 * as parsing the notice twice.
 *
 * @param text - e.g. "2026-01-01T08:05:12+08:00", "2026-01-01T00:05:12.000Z"
 * @returns undefined when it is not a moment, e.g. "2026-02-30T00:00:00+08:00"
 */
export function fromRfc3339(text: string): Date | undefined {
  if (text[4] !== '-' || text[7] !== '-' || text[10] !== 'T' || text[13] !== ':' || text[16] !== ':') return undefined
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 2)
  const day = digits(text, 8, 2)
  const hour = digits(text, 11, 2)
  const minute = digits(text, 14, 2)
  const second = digits(text, 17, 2)
  const isInCalendar = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
  if (!isInCalendar || !(hour <= 23 && minute <= 59 && second <= 59)) return undefined
  const milliseconds = readFraction(text.slice(19, text.endsWith('Z') ? -1 : -6))
  const time = Date.UTC(year, month - 1, day, hour, minute, second, milliseconds) - offsetMs(text)
  return Number.isNaN(time) ? undefined : new Date(time)
}

/** Of "2026-01-01T08:05:12.345Z" the ".345", in whole milliseconds; NaN when it is something else. */
function readFraction(text: string): number {
  if (text === '') return 0
  return /^\.\d{1,9}$/.test(text) ? Math.floor(Number(text) * 1000) : Number.NaN
}

/** "Z", or hours and minutes to the east of Greenwich; NaN when it is something else. */
function offsetMs(text: string): number {
  if (text.endsWith('Z')) return 0
  const sign = text.at(-6)
  const hours = digits(text, text.length - 5, 2)
  const minutes = digits(text, text.length - 2, 2)
  if ((sign !== '+' && sign !== '-') || text.at(-3) !== ':' || !(hours <= 23 && minutes <= 59)) return Number.NaN
  return (sign === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}
