import type { CheckoutRefund, CheckoutStatus, CheckoutView } from 'wxpay-core/contract'
import { isSamePayer, payerOf, type PayerId } from '../domain/means.ts'
import { isConfirming, latestPayment, openPayment, whyNotPayable, type Checkout } from '../domain/order.ts'
import type { Payment } from '../domain/payment.ts'
import type { RefundStatus } from '../domain/refund.ts'

/** The part of a checkout that changes while it is watched. @param now - for the countdown only */
export function presentStatus(checkout: Checkout, now: Date): CheckoutStatus {
  const { order } = checkout
  return {
    status: order.status,
    confirming: order.status !== 'paid' && isConfirming(checkout),
    attempt: presentAttempt(checkout),
    version: order.version,
    remainingMs: remainingMs(payablePayment(checkout), now),
    paidAt: order.paidAt?.toISOString() ?? null,
    transactionId: payingPayment(checkout)?.transactionId ?? null,
    closedReason: order.closedReason,
    problem: presentProblem(checkout),
    refunds: presentRefunds(checkout),
  }
}

/**
 * The whole checkout as the shopper may see it. What is not named here never leaves.
 *
 * @param viewer - who is looking, as WeChat told us; null: anybody who has the token
 */
export function presentCheckout(checkout: Checkout, now: Date, viewer: PayerId | null = null): CheckoutView {
  const { order, payments } = checkout
  return {
    ...presentStatus(checkout, now),
    token: order.token,
    orderNo: order.orderNo,
    amountFen: order.amountFen,
    description: order.description,
    tradeType: latestPayment(payments)?.tradeType ?? null,
    action: actionFor(viewer, payablePayment(checkout)),
  }
}

/** What leads to one payer's own payment is shown to that payer. Somebody else with the token may begin another attempt. */
function actionFor(viewer: PayerId | null, payment: Payment | undefined): CheckoutView['action'] {
  if (!payment) return null
  const owner = payerOf(payment.means)
  return owner === null || isSamePayer(owner, viewer) ? payment.action : null
}

/** The attempt that paid the order; one that was paid beside it is a duplicate and has another story. */
function payingPayment({ order, payments }: Checkout): Payment | undefined {
  if (order.status !== 'paid') return undefined
  return payments.find((payment) => payment.status === 'paid' && !payment.anomalies.includes('duplicate'))
}

/** The attempt whose code may be shown: none while there is money for the order, on whichever of its attempts. */
function payablePayment(checkout: Checkout): Payment | undefined {
  const open = openPayment(checkout.payments)
  return open?.status === 'pending' && !whyNotPayable(checkout) ? open : undefined
}

function presentAttempt({ order, payments }: Checkout): CheckoutStatus['attempt'] {
  if (order.status === 'paid') return null
  const latest = openPayment(payments) ?? latestPayment(payments)
  return latest === undefined || latest.status === 'paid' ? null : latest.status
}

function remainingMs(open: Payment | undefined, now: Date): number | null {
  if (!open?.codeExpiresAt) return null
  return Math.max(0, open.codeExpiresAt.getTime() - now.getTime())
}

function presentProblem({ order, payments }: Checkout): CheckoutStatus['problem'] {
  if (payments.some((payment) => payment.anomalies.includes('duplicate') || payment.anomalies.includes('conflict')))
    return { code: 'paid_twice' }
  if (order.status === 'paid') return null
  if (payments.some((payment) => payment.anomalies.includes('amount-mismatch'))) return { code: 'amount_mismatch' }
  if (order.status === 'closed' && payments.some((payment) => payment.status === 'paid')) return { code: 'paid_late' }
  return latestPayment(payments)?.status === 'refused' ? { code: 'wechat_refused' } : null
}

const refundStates = {
  submitting: 'pending',
  processing: 'pending',
  'needs-attention': 'pending',
  success: 'done',
  closed: 'failed',
  refused: 'failed',
} as const satisfies Record<RefundStatus, CheckoutRefund['state']>

/** Money that goes back, without its numbers and without the shop's own words about it. */
function presentRefunds({ order, payments, refunds = [] }: Checkout): CheckoutRefund[] {
  return refunds.map((refund) => ({
    amountFen: refund.refundFen,
    state: refundStates[refund.status],
    of: refundOf(
      order,
      payments.find(({ id }) => id === refund.paymentId),
    ),
    at: (refund.succeededAt ?? refund.recordedAt ?? refund.createdAt).toISOString(),
  }))
}

function refundOf({ status }: Checkout['order'], payment: Payment | undefined): CheckoutRefund['of'] {
  if (payment?.anomalies.includes('duplicate')) return 'second-payment'
  return status === 'closed' ? 'late-payment' : 'order'
}
