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
  /** In fen; of fees, negative where they come back. */
  oursFen: number | null
  theirsFen: number | null
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
  refundId: string
  /** Of the payment that it belongs to. */
  outTradeNo: string
  refundFen: Fen
}

export interface BookedRefund {
  status: RefundStatus
  refundId: string | null
  outTradeNo: string
  refundFen: Fen
}

/** WeChat lists a refund when it accepts it, and never changes the row: one that closed later stays in the bill. */
export function judgeRefund(theirs: BilledRefund, ours: BookedRefund | undefined): Difference | null {
  const theirsFen = theirs.refundFen
  if (!ours) return { class: 'refund-unknown', oursFen: null, theirsFen, detail: 'the bill names a refund that is not in our books' }
  const oursFen = ours.refundFen
  if (ours.status === 'submitting' || ours.status === 'refused')
    return { class: 'refund-unknown', oursFen, theirsFen, detail: `the bill has a refund that is ${ours.status} here` }
  const differs = (detail: string): Difference => ({ class: 'refund-differs', oursFen, theirsFen, detail })
  if (oursFen !== theirsFen) return differs('the bill has another amount')
  if (ours.refundId !== theirs.refundId) return differs(`the bill has it under WeChat’s number ${theirs.refundId}`)
  return ours.outTradeNo === theirs.outTradeNo ? null : differs(`the bill has it for payment ${theirs.outTradeNo}`)
}

/** The fee of a row. */
export interface BilledFee {
  kind: 'payment' | 'refund'
  /** What is paid for: of the payment, or of the refund, which gives the fee back in its proportion. */
  amountFen: Fen
  /** In thousandths of a fen; negative where it comes back. */
  feeMilliFen: number
  /** In millionths; null where the bill names none. */
  ratePpm: number | null
}

/** WeChat rounds fees to whole fen, each share of one that comes back, too: more than a fen beside that is not rounding. */
export const feeToleranceMilliFen = 1_500

export function judgeFee({ kind, amountFen, feeMilliFen, ratePpm }: BilledFee): Difference | null {
  const theirsFen = Math.round(feeMilliFen / 1_000)
  const unexpected = (oursFen: number | null, detail: string): Difference => ({ class: 'fee-unexpected', oursFen, theirsFen, detail })
  if (feeMilliFen % 1_000 !== 0) return unexpected(null, `the fee has a fraction of a fen: ${feeMilliFen / 1_000}`)
  if (ratePpm === null) return null
  const exact = ((kind === 'payment' ? 1 : -1) * amountFen * ratePpm) / 1_000
  if (Math.abs(feeMilliFen - exact) <= feeToleranceMilliFen) return null
  return unexpected(Math.round(exact / 1_000), `the fee does not fit its rate of ${ratePpm / 10_000} %`)
}
