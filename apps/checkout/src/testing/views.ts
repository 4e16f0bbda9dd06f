import type { Action, CheckoutStatus, CheckoutView } from 'wxpay-core/contract'

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
  refunds: [],
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

/** Made for a payer inside WeChat: what its bridge is given. */
export const jsapiAction = {
  tradeType: 'jsapi',
  invoke: { appId: 'wx1', timeStamp: '1772331305', nonceStr: 'n', package: 'prepay_id=wx2', signType: 'RSA', paySign: 'sign-1' },
} as const satisfies Action
export const jsapiView: CheckoutView = { ...pendingView, tradeType: 'jsapi', action: jsapiAction }

/** Made for a phone's browser: WeChat's page. */
export const h5Action = {
  tradeType: 'h5',
  url: 'https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx3',
} as const satisfies Action
export const h5View: CheckoutView = { ...pendingView, tradeType: 'h5', action: h5Action }

/** The part of a view that a status answer has. */
export function statusOf(view: CheckoutView): CheckoutStatus {
  const { status, confirming, attempt, version, remainingMs, paidAt, transactionId, closedReason, problem, refunds } = view
  return { status, confirming, attempt, version, remainingMs, paidAt, transactionId, closedReason, problem, refunds }
}
