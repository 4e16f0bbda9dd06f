/** NaN, which is none of the values, and not equal to itself: ask Number.isNaN. */
const unreadable = Number.NaN

const point = 0x2e
const minus = 0x2d
const zero = 0x30

/** 999,999,999,999.99999 yuan are still counted exactly. */
const maxDigits = 15

/**
 * A decimal number as a whole number of its parts, without a float on the way: "45.80" with 2 decimals is 4580, "-0.06000" with 5 is −6000.
 * Fewer decimals are taken, more are not: nothing is rounded.
 *
 * @returns `unreadable`, which is NaN, when it is no such number
 */
export function readScaled(bytes: Uint8Array, start: number, end: number, decimals: number): number {
  const isNegative = bytes[start] === minus
  let at = isNegative ? start + 1 : start
  const whole = digitsEnd(bytes, at, end)
  if (whole === at) return unreadable
  let value = 0
  for (; at < whole; at++) value = value * 10 + ((bytes[at] ?? 0) - zero)
  let left = decimals
  if (at < end) {
    const fraction = digitsEnd(bytes, at + 1, end)
    if (bytes[at] !== point || fraction !== end || fraction === at + 1) return unreadable
    for (at++; at < end; at++, left--) value = value * 10 + ((bytes[at] ?? 0) - zero)
  }
  if (left < 0 || end - start > maxDigits + 2) return unreadable
  for (; left > 0; left--) value *= 10
  if (!Number.isSafeInteger(value)) return unreadable
  return isNegative && value !== 0 ? -value : value
}

function digitsEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && isDigit(bytes[at])) at++
  return at
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= zero + 9
}

/** The two-digit number that stands there; NaN when it is none. */
function pair(bytes: Uint8Array, at: number): number {
  return isDigit(bytes[at]) && isDigit(bytes[at + 1]) ? ((bytes[at] ?? 0) - zero) * 10 + ((bytes[at + 1] ?? 0) - zero) : Number.NaN
}

const hyphen = 0x2d
const colon = 0x3a
const space = 0x20

const timeBytes = 'yyyy-MM-dd HH:mm:ss'.length

/** A moment on a clock in Beijing (UTC+8, no summer time) as Unix time in ms. @returns `unreadable` when it is none */
export function readTimeMs(bytes: Uint8Array, start: number, end: number): number {
  const isForm =
    end - start === timeBytes &&
    bytes[start + 4] === hyphen &&
    bytes[start + 7] === hyphen &&
    bytes[start + 10] === space &&
    bytes[start + 13] === colon &&
    bytes[start + 16] === colon
  if (!isForm) return unreadable
  const midnight = midnightMs(pair(bytes, start) * 100 + pair(bytes, start + 2), pair(bytes, start + 5), pair(bytes, start + 8))
  const [hour, minute, second] = [pair(bytes, start + 11), pair(bytes, start + 14), pair(bytes, start + 17)]
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return unreadable
  return midnight + (hour * 3600 + minute * 60 + second) * 1000
}

/** Nearly all lines of a bill have the same day. */
let last = { year: 0, month: 0, day: 0, ms: Number.NaN }

function midnightMs(year: number, month: number, day: number): number {
  if (year === last.year && month === last.month && day === last.day) return last.ms
  if (!(month >= 1 && day >= 1)) return unreadable
  const utc = new Date(Date.UTC(year, month - 1, day))
  // Date counts 30 February as 2 March: only a day that stays what it was is in the calendar.
  if (utc.getUTCFullYear() !== year || utc.getUTCMonth() !== month - 1 || utc.getUTCDate() !== day) return unreadable
  last = { year, month, day, ms: utc.getTime() - 8 * 3_600_000 }
  return last.ms
}
