const second = 1000
const minute = 60 * second
const hour = 60 * minute

/**
 * Gaps between a failed delivery and the next: 15 repeats over 24 h 4 min.
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_7
 */
export const ladderMs: readonly number[] = [
  15 * second,
  15 * second,
  30 * second,
  3 * minute,
  10 * minute,
  20 * minute,
  30 * minute,
  30 * minute,
  30 * minute,
  60 * minute,
  3 * hour,
  3 * hour,
  3 * hour,
  6 * hour,
  6 * hour,
]

/** When a notice goes out again after its n-th failed delivery (1 for the first); null when WeChat gives up. */
export function nextDelivery(failures: number, failedAt: number): number | null {
  const gap = ladderMs[failures - 1]
  return gap === undefined ? null : failedAt + gap
}
