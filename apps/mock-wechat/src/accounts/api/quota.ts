import type { Clock } from '../../clock.ts'
import { formatBeijing } from '../../support/beijing.ts'

const minuteMs = 60_000

export type Quota = ReturnType<typeof createQuota>

/** Counts calls by day (Beijing) and by minute, on the virtual clock. Every `…Allows` takes one, and says whether it was still there. */
export function createQuota(clock: Clock) {
  const used = new Map<string, number>()

  function take(key: string, limit: number): boolean {
    const count = (used.get(key) ?? 0) + 1
    used.set(key, count)
    return count <= limit
  }

  return {
    dayAllows: (key: string, limit: number): boolean => take(`${key} ${formatBeijing(clock.now()).slice(0, 8)}`, limit),
    minuteAllows: (key: string, limit: number): boolean => take(`${key} ${Math.floor(clock.now() / minuteMs)}`, limit),
    clear: () => used.clear(),
  }
}
