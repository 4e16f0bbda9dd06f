import type { CheckoutStatus, CheckoutView } from 'wxpay-core/contract'

export const firstCode = 'weixin://wxpay/bizpayurl?pr=first01'

/** A checkout whose code was just shown: 12.50 yuan, five minutes. */
export const pendingView: CheckoutView = {
  token: 'aaaaaaaaaaaaaaaaaaaaaa',
  orderNo: 'W20261121000042',
  amountFen: 1250,
  description: 'Two coffees',
  tradeType: 'native',
  action: { tradeType: 'native', codeUrl: firstCode },
  status: 'unpaid',
  confirming: false,
  attempt: 'pending',
  version: 2,
  remainingMs: 300_000,
  paidAt: null,
  transactionId: null,
  closedReason: null,
  problem: null,
}

export const paidView: CheckoutView = {
  ...pendingView,
  action: null,
  status: 'paid',
  attempt: null,
  version: 3,
  remainingMs: null,
  paidAt: '2026-11-21T02:56:14.000Z',
  transactionId: '4200009042202611217754120386',
}

export const closedView: CheckoutView = {
  ...pendingView,
  action: null,
  status: 'closed',
  attempt: 'closed',
  version: 3,
  remainingMs: null,
  closedReason: 'cancelled',
}

/** The part of a view that a status answer has. */
export function statusOf(view: CheckoutView): CheckoutStatus {
  const { status, confirming, attempt, version, remainingMs, paidAt, transactionId, closedReason, problem } = view
  return { status, confirming, attempt, version, remainingMs, paidAt, transactionId, closedReason, problem }
}
