import type { Fen } from 'wxpay-core/money'

/**
 * Why it was begun. `operator`: the shop asked for it. `duplicate`, `late`: by itself, because an order was paid twice or after it was closed.
 * `wechat`: in WeChat's merchant platform; we heard of it by a notice, a query or a bill.
 */
export type RefundOrigin = 'operator' | 'duplicate' | 'late' | 'wechat'

/**
 * `submitting`: stored, that WeChat has accepted it is not known. `processing`: accepted, the money is on its way. `closed`: it did not go
 * back; another try takes another number. `needs-attention`: the payer's bank did not take it, a person must settle it in WeChat's merchant
 * platform. `refused`: WeChat finally said no.
 */
export type RefundStatus = 'submitting' | 'processing' | 'success' | 'closed' | 'needs-attention' | 'refused'

/** Money that goes back for one payment, under a number of its own. */
export interface Refund {
  readonly id: string
  readonly paymentId: string
  readonly outRefundNo: string
  readonly origin: RefundOrigin
  readonly protocol: string
  readonly refundFen: Fen
  readonly reason: string | null
  readonly status: RefundStatus
  /** The merchant's balance at WeChat is too small; it is tried again. */
  readonly waitingFor: 'funds' | null
  /** WeChat's number; null until it has accepted it. */
  readonly refundId: string | null
  readonly payerRefundFen: Fen | null
  readonly receivedAccount: string | null
  /** WeChat's words when it finally refused. */
  readonly refusal: { code: string; description: string } | null
  readonly createdAt: Date
  readonly acceptedAt: Date | null
  /** WeChat's time. */
  readonly succeededAt: Date | null
  /** When we heard how it ended. */
  readonly recordedAt: Date | null
}
