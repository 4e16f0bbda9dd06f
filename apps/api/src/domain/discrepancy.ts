import type { DiscrepancyClass } from './reconcile.ts'

/** One thing in which our books and WeChat's bill do not agree: a work item. */
export interface Discrepancy {
  readonly id: string
  readonly billId: string
  /** yyyy-MM-dd */
  readonly billDate: string
  readonly class: DiscrepancyClass
  readonly state: 'open' | 'resolved'
  /** What it is about, unique within its bill and class. */
  readonly number: string
  readonly paymentId: string | null
  readonly refundId: string | null
  readonly outTradeNo: string | null
  readonly outRefundNo: string | null
  readonly transactionId: string | null
  /** In fen; null: that side has no such thing. */
  readonly oursFen: number | null
  readonly theirsFen: number | null
  readonly detail: string
  readonly openedAt: Date
  readonly resolvedAt: Date | null
  /** `operator`, or `reconciliation` when both sides agree by now. */
  readonly resolver: string | null
  readonly reason: string | null
}
