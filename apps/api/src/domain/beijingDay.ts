/** Beijing has no summer time. */
const beijingOffsetMs = 8 * 3_600_000
const dayMs = 86_400_000

/** The Beijing day of a moment, yyyy-MM-dd: what WeChat's bills go by. */
export function beijingDay(at: Date): string {
  return new Date(at.getTime() + beijingOffsetMs).toISOString().slice(0, 10)
}

/** When a Beijing day begins and ends. @param billDate - yyyy-MM-dd */
export function beijingDayBounds(billDate: string): { from: Date; to: Date } {
  const from = new Date(Date.parse(`${billDate}T00:00:00Z`) - beijingOffsetMs)
  return { from, to: new Date(from.getTime() + dayMs) }
}

export function dayAfter(billDate: string): string {
  return new Date(Date.parse(`${billDate}T00:00:00Z`) + dayMs).toISOString().slice(0, 10)
}

export function dayBefore(billDate: string): string {
  return new Date(Date.parse(`${billDate}T00:00:00Z`) - dayMs).toISOString().slice(0, 10)
}
