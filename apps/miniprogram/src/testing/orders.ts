import type { Order, OrderStatus } from '../miniprogram/checkout/answers.ts'

/** An order of 12.50 yuan, ready to be paid in the mini program. */
export const pendingOrder: Order = {
  token: 'aaaaaaaaaaaaaaaaaaaaaa',
  orderNo: 'W20261121000042',
  amountFen: 1250,
  description: '两杯咖啡',
  invoke: {
    appId: 'wx00000000000000m1',
    timeStamp: '1795210000',
    nonceStr: '5K8264ILTKCH16CQ2502SI8ZNMTM67VS',
    package: 'prepay_id=wx21105614000000000000000000000001',
    signType: 'RSA',
    paySign: 'c2lnbmVk',
  },
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

export const paidOrder: Order = {
  ...pendingOrder,
  invoke: null,
  status: 'paid',
  attempt: null,
  version: 3,
  remainingMs: null,
  paidAt: '2026-11-21T02:56:14.000Z',
  transactionId: '4200009042202611217754120386',
}

/** The same, as the HTTP API writes it. */
export function wireOf({ invoke, problem, ...order }: Order): Record<string, unknown> {
  return {
    ...order,
    tradeType: invoke && 'jsapi',
    action: invoke && { tradeType: 'jsapi', invoke },
    problem: problem && { code: problem },
  }
}

export function statusOf(order: Order): OrderStatus {
  const { status, confirming, attempt, version, remainingMs, paidAt, transactionId, closedReason, problem, refunds } = order
  return { status, confirming, attempt, version, remainingMs, paidAt, transactionId, closedReason, problem, refunds }
}
