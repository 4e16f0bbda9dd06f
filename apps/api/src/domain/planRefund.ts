import { toFen, type Fen } from 'wxpay-core/money'
import type { LatePaymentPolicy, Order } from './order.ts'
import type { Payment } from './payment.ts'
import type { Refund, RefundOrigin } from './refund.ts'
import { PaymentNotPaidError, RefundExceedsPaymentError, RefundWindowOverError, TooManyRefundsError } from './refundErrors.ts'

/** WeChat: "within one year", and APIv3 365 days (protocol-notes.md). */
const windowMs = 365 * 86_400_000

/** WeChat's limit of refunds of one payment. */
const mostRefunds = 50

/** What may be asked of WeChat for a payment, decided before anything is stored. */
export interface PlannedRefund {
  /** The payment as it is then: the money is reserved. */
  payment: Payment
  transactionId: string
  refundFen: Fen
}

/**
 * Holds every rule for a refund that we begin. One that WeChat has refused was never there; every other counts.
 *
 * @param refunds - all of the payment
 * @throws PaymentNotPaidError, RefundWindowOverError, TooManyRefundsError, RefundExceedsPaymentError
 */
export function planRefund(payment: Payment, refunds: readonly Refund[], { amountFen, now }: { amountFen: Fen; now: Date }): PlannedRefund {
  const { status, transactionId, paidAt, totalFen, reservedRefundFen } = payment
  if (status !== 'paid' || transactionId === null || paidAt === null)
    throw new PaymentNotPaidError(`payment ${payment.outTradeNo} is ${status}`)
  if (now.getTime() - paidAt.getTime() > windowMs) throw new RefundWindowOverError(`paid at ${paidAt.toISOString()}`)
  const counted = refunds.filter((refund) => refund.status !== 'refused').length
  if (counted >= mostRefunds) throw new TooManyRefundsError(`${counted} refunds of payment ${payment.outTradeNo}`)
  const afterwards = reservedRefundFen + amountFen
  if (afterwards > totalFen) throw new RefundExceedsPaymentError(`${afterwards} fen of ${totalFen}`)
  return { payment: { ...payment, reservedRefundFen: toFen(afterwards) }, transactionId, refundFen: amountFen }
}

/** What goes back without anybody asking, and why. */
export interface AutomaticRefunds {
  duplicates: boolean
  latePayment: LatePaymentPolicy
}

/**
 * Why a payment that has just become paid goes back by itself, or null when it stays (rules R12, R15). Money that does not fit, or that was
 * reported under two numbers of WeChat, never goes back by itself: a person has to look first (decisions/0009).
 *
 * @param order - as it is after the payment
 */
export function automaticRefund(
  { before, after, order }: { before: Payment; after: Payment; order: Order },
  { duplicates, latePayment }: AutomaticRefunds,
): Extract<RefundOrigin, 'duplicate' | 'late'> | null {
  if (after.status !== 'paid' || before.status === 'paid') return null
  if (after.anomalies.some((anomaly) => anomaly === 'conflict' || anomaly === 'amount-mismatch')) return null
  if (after.anomalies.includes('duplicate')) return duplicates ? 'duplicate' : null
  return order.status === 'closed' && latePayment === 'refund' ? 'late' : null
}
