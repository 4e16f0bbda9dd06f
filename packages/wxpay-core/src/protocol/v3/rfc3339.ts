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
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/.exec(text)
  if (!parts) return undefined
  const [year = 0, month = 0, day = 0] = parts.slice(1).map(Number)
  // Date counts 30 February as 2 March: only a day that stays what it was is in the calendar.
  const date = new Date(Date.UTC(year, month - 1, day))
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  return new Date(text)
}
