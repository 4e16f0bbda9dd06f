import type { Fen } from 'wxpay-core/money'
import { flag, isOpen, isUnsettled, type Payment } from './payment.ts'
import type { Refund } from './refund.ts'

export type OrderStatus = 'unpaid' | 'paid' | 'closed'
export type ClosedReason = 'cancelled' | 'expired'

/** What is being paid for. */
export interface Order {
  readonly id: string
  /** At least 128 random bits: whoever has it may see the order and cancel it. */
  readonly token: string
  readonly orderNo: string
  readonly amountFen: Fen
  readonly description: string
  readonly status: OrderStatus
  readonly closedReason: ClosedReason | null
  /** Rises on every visible change. */
  readonly version: number
  readonly createdAt: Date
  readonly paidAt: Date | null
  readonly recordedAt: Date | null
  readonly closedAt: Date | null
}

/** An order with all its attempts, oldest first. */
export interface Checkout {
  readonly order: Order
  readonly payments: readonly Payment[]
  /** Of all its payments, oldest first; absent where there cannot be any. */
  readonly refunds?: readonly Refund[]
}

/** Of one of its payments, oldest first. */
export function refundsOf({ refunds = [] }: Checkout, { id }: Pick<Payment, 'id'>): Refund[] {
  return refunds.filter(({ paymentId }) => paymentId === id)
}

/** What money does to an order that was closed before it came: it waits for the shop's decision, pays the order after all, or goes back. */
export type LatePaymentPolicy = 'flag' | 'accept' | 'refund'

export function latestPayment(payments: readonly Payment[]): Payment | undefined {
  return payments.at(-1)
}

export function openPayment(payments: readonly Payment[]): Payment | undefined {
  return payments.find(isOpen)
}

export function isConfirming({ payments }: Pick<Checkout, 'payments'>): boolean {
  return payments.some((payment) => payment.status !== 'paid' && payment.confirmingSince !== null)
}

/** Why no new attempt may begin, or null when one may (after an open one is known closed). */
export function whyNotPayable({ order, payments }: Checkout): 'paid' | 'closed' | 'unsettled' | null {
  if (order.status !== 'unpaid') return order.status
  return payments.some((payment) => isUnsettled(payment) || payment.status === 'paid') ? 'unsettled' : null
}

/**
 * Brings an order up to date after one of its payments became paid. A second paid attempt is flagged `duplicate`;
 * money for a closed order is the shop's decision (policy); everything else pays the order.
 *
 * @param before - the order and its payments as they were
 * @param payment - the payment as it is now
 */
export function settleOrder(before: Checkout, payment: Payment, policy: LatePaymentPolicy): { order: Order; payment: Payment } {
  const { order, payments } = before
  const was = payments.find(({ id }) => id === payment.id)
  if (payment.status !== 'paid' || was?.status === 'paid') return { order, payment }
  if (payments.some((other) => other.id !== payment.id && other.status === 'paid')) return { order, payment: flag(payment, 'duplicate') }
  if (order.status === 'closed' && policy !== 'accept') return { order, payment: flag(payment, 'paid-after-close') }
  const late = order.status === 'closed' ? flag(payment, 'paid-after-close') : payment
  return { order: { ...order, status: 'paid', closedReason: null, paidAt: payment.paidAt, recordedAt: payment.recordedAt }, payment: late }
}

export function closeOrder(order: Order, reason: ClosedReason, at: Date): Order {
  return order.status === 'unpaid' ? { ...order, status: 'closed', closedReason: reason, closedAt: at } : order
}
