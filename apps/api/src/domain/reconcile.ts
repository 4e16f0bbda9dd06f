import type { Fen } from 'wxpay-core/money'
import type { PaymentStatus } from './payment.ts'
import type { RefundStatus } from './refund.ts'

/** See DiscrepancyView of the contract for what each means. */
export type DiscrepancyClass =
  | 'paid-not-billed'
  | 'billed-not-paid'
  | 'amount-differs'
  | 'unknown-number'
  | 'refund-not-billed'
  | 'refund-unknown'
  | 'refund-differs'
  | 'fee-unexpected'
  | 'flow-differs'

/** One thing in which both sides do not agree. `null`: that side has no such thing. */
export interface Difference {
  class: DiscrepancyClass
  oursFen: Fen | null
  theirsFen: Fen | null
  /** For the person who looks into it. */
  detail: string
}

/** A payment's row of a bill. */
export interface BilledPayment {
  transactionId: string
  totalFen: Fen
}

export interface BookedPayment {
  status: PaymentStatus
  transactionId: string | null
  totalFen: Fen
}

/** @param ours - undefined: no payment of ours has this number */
export function judgePayment(theirs: BilledPayment, ours: BookedPayment | undefined): Difference | null {
  const theirsFen = theirs.totalFen
  if (!ours) return { class: 'unknown-number', oursFen: null, theirsFen, detail: 'the bill names a payment that is not in our books' }
  const oursFen = ours.totalFen
  if (ours.status !== 'paid')
    return { class: 'billed-not-paid', oursFen, theirsFen, detail: `the bill has money for a payment that is ${ours.status} here` }
  if (oursFen !== theirsFen) return { class: 'amount-differs', oursFen, theirsFen, detail: 'the bill has another amount' }
  if (ours.transactionId !== theirs.transactionId)
    return { class: 'amount-differs', oursFen, theirsFen, detail: `the bill has it under WeChat’s number ${theirs.transactionId}` }
  return null
}

/** A refund's row of a bill. */
export interface BilledRefund {
  refundFen: Fen
}

export interface BookedRefund {
  status: RefundStatus
  refundFen: Fen
}

/** WeChat lists a refund when it accepts it, and never changes the row: one that closed later stays in the bill. */
export function judgeRefund(theirs: BilledRefund, ours: BookedRefund | undefined): Difference | null {
  const theirsFen = theirs.refundFen
  if (!ours) return { class: 'refund-unknown', oursFen: null, theirsFen, detail: 'the bill names a refund that is not in our books' }
  const oursFen = ours.refundFen
  if (ours.status === 'submitting' || ours.status === 'refused')
    return { class: 'refund-unknown', oursFen, theirsFen, detail: `the bill has a refund that is ${ours.status} here` }
  return oursFen === theirsFen ? null : { class: 'refund-differs', oursFen, theirsFen, detail: 'the bill has another amount' }
}

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

/** WeChat has the bill of a day from 09:00 of the next on, and asks to come after 10:00. */
export function billReadyAt(billDate: string): Date {
  return new Date(beijingDayBounds(billDate).to.getTime() + 10 * 3_600_000)
}

/** Three months back, counted short. @see https://pay.weixin.qq.com/doc/v3/merchant/4012791875 */
export const billDaysKept = 90
