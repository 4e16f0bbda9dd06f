import type { RefundStatus } from '../refunds/refund.ts'

/** What the book says in v3's words, in v2's. */
export const statusWords: Record<RefundStatus, string> = {
  PROCESSING: 'PROCESSING',
  SUCCESS: 'SUCCESS',
  CLOSED: 'REFUNDCLOSE',
  ABNORMAL: 'CHANGE',
}

export const accountWords = { UNSETTLED: 'REFUND_SOURCE_UNSETTLED_FUNDS', AVAILABLE: 'REFUND_SOURCE_RECHARGE_FUNDS' } as const
