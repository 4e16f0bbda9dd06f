import type { Fen } from 'wxpay-core/money'
import type { Checkout, Order } from './order.ts'
import type { Payment } from './payment.ts'
import type { Refund, RefundStatus } from './refund.ts'

/**
 * `receivable`: what payers owe us (below zero: what we owe them, as after a second payment). `sales`, `refunds`, `fees`: what the shop earned,
 * gave back and paid. `wechat_clearing`: money that we know to be at WeChat and that no bill has confirmed yet. `wechat_balance`: what
 * WeChat's bills have confirmed.
 */
export type Account = 'receivable' | 'sales' | 'refunds' | 'fees' | 'wechat_clearing' | 'wechat_balance'

/** Signed: a debit is above zero, a credit below. */
export interface Entry {
  readonly account: Account
  readonly amountFen: number
}

/** Entries that belong together: they add up to zero. */
export interface Posting {
  /** What makes the same posting the same: it is written once. */
  readonly key: string
  readonly kind: PostingKind
  readonly paymentId: string | null
  readonly refundId: string | null
  readonly entries: readonly Entry[]
}

export type PostingKind = 'order-paid' | 'payment-paid' | 'refund-accepted' | 'refund-closed' | 'bill-confirmed'

/** What changed of one order. A refund that is new has no `before`. */
export interface Transition {
  before: Checkout
  after: Checkout
  refunds: readonly { before: Refund | null; after: Refund }[]
}

/**
 * What a change of an order writes into the ledger: nothing, unless money moved. The keys name the transition, and no transition of money can
 * happen twice, so neither can its posting.
 */
export function postingsOf({ before, after, refunds }: Transition): Posting[] {
  return [
    ...orderPosting(before.order, after.order),
    ...after.payments.flatMap((payment) =>
      paymentPosting(
        before.payments.find(({ id }) => id === payment.id),
        payment,
      ),
    ),
    ...refunds.flatMap((refund) => refundPosting(after, refund)),
  ]
}

function orderPosting(before: Order, after: Order): Posting[] {
  if (after.status !== 'paid' || before.status === 'paid') return []
  return [posting('order-paid', after.id, {}, move('receivable', 'sales', after.amountFen))]
}

function paymentPosting(before: Payment | undefined, after: Payment): Posting[] {
  if (after.status !== 'paid' || before?.status === 'paid') return []
  return [posting('payment-paid', after.id, { paymentId: after.id }, move('wechat_clearing', 'receivable', after.totalFen))]
}

function refundPosting(checkout: Checkout, { before, after }: Transition['refunds'][number]): Posting[] {
  const payment = checkout.payments.find(({ id }) => id === after.paymentId)
  if (!payment) return []
  const was = before !== null && isAtWechat(before.status)
  const is = isAtWechat(after.status)
  if (was === is) return []
  const account = paysTheOrder(checkout.order, payment) ? 'refunds' : 'receivable'
  const about = { paymentId: payment.id, refundId: after.id }
  // Success outranks closed, because it is money (decisions/0022): what was given back is taken a second and last time.
  const number = before?.status === 'closed' ? `${after.id}-after-close` : after.id
  return is
    ? [posting('refund-accepted', number, about, move(account, 'wechat_clearing', after.refundFen))]
    : [posting('refund-closed', after.id, about, move('wechat_clearing', account, after.refundFen))]
}

/** WeChat has accepted it, and has not given up on it. */
function isAtWechat(status: RefundStatus): boolean {
  return status === 'processing' || status === 'success' || status === 'needs-attention'
}

/** Money of a second payment, or for an order that stayed closed, is not the shop's: giving it back is no loss of a sale. */
function paysTheOrder(order: Order, payment: Payment): boolean {
  return order.status === 'paid' && !payment.anomalies.includes('duplicate')
}

/** What a bill and our books agree on. Each may be below zero: a day of refunds alone, and the fees that WeChat gives back with them. */
export interface Confirmed {
  /** Payments less refunds. */
  netFen: number
  feesFen: number
}

/** What a bill confirms beyond what it had confirmed before. @param number - how many postings the bill has so far */
export function billPosting(billId: string, number: number, { netFen, feesFen }: Confirmed): Posting[] {
  const entries = [
    { account: 'wechat_balance', amountFen: netFen - feesFen },
    { account: 'fees', amountFen: feesFen },
    { account: 'wechat_clearing', amountFen: -netFen },
  ] as const
  const moved = entries.filter(({ amountFen }) => amountFen !== 0)
  return moved.length === 0 ? [] : [posting('bill-confirmed', `${billId}-${number}`, {}, moved)]
}

/** From the account that gives (credit) to the one that gets (debit). */
function move(to: Account, from: Account, amountFen: Fen): Entry[] {
  return [
    { account: to, amountFen },
    { account: from, amountFen: 0 - amountFen },
  ]
}

function posting(
  kind: PostingKind,
  about: string,
  { paymentId, refundId }: { paymentId?: string; refundId?: string },
  entries: readonly Entry[],
): Posting {
  return { key: `${kind}:${about}`, kind, paymentId: paymentId ?? null, refundId: refundId ?? null, entries }
}
