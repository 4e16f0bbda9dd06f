import type { RefundStatus } from './refund.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** WeChat: "ask each minute, after five minutes more slowly, 5, 10, 20, 30 minutes". The rest is ours: a card takes up to three working days. */
const firstGaps = [1, 1, 1, 1, 1, 5, 10, 20, 30].map((minutes) => minutes * minute)

/**
 * How long to wait before WeChat is asked about a refund again; null when there is nothing more to ask.
 *
 * @param queries - how often it has been asked since it accepted
 */
export function refundQueryGapMs({ status, queries, ageMs }: { status: RefundStatus; queries: number; ageMs: number }): number | null {
  if (status === 'needs-attention') return day
  if (status !== 'processing') return null
  return firstGaps[queries] ?? (ageMs < day ? hour : 6 * hour)
}

/** A try whose outcome is not known is repeated at once, for a person waits, and then ever more slowly. */
const retryGaps = [5_000, 15_000, minute, 2 * minute, 5 * minute, 10 * minute, 30 * minute]

/** After a try of a refund that WeChat has not accepted. @param tries - this one included */
export function refundRetryGapMs(tries: number): number {
  return retryGaps[Math.max(0, tries - 1)] ?? hour
}

/** While the merchant's balance is too small: 10, 20, 40 minutes … up to 6 hours. @param tries - this one included */
export function fundsGapMs(tries: number): number {
  return Math.min(10 * minute * 2 ** Math.min(Math.max(0, tries - 1), 10), 6 * hour)
}

/** WeChat does not know the payment yet, or is busy with it: for a day that is not final. */
export const notReadyPatienceMs = day
