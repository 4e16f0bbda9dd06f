import type { Trade, TradePayment } from '../ledger/trade.ts'
import type { Refund } from '../refunds/refund.ts'
import type { Notice } from './notice.ts'

interface Numbered {
  id: string
  /** The how manieth of this ledger, from 1. */
  ordinal: number
}

const fresh = { state: 'waiting', failures: 0, postponed: false, attempts: [] } as const

/** In the protocol that the trade was created with. */
export function newPaymentNotice({ trade, payment, id, ordinal }: Numbered & { trade: Trade; payment: TradePayment }): Notice {
  const { protocol, mchid, outTradeNo, notifyUrl: url } = trade
  const { transactionId, paidAt: nextAttemptAt } = payment
  return { ...fresh, id, ordinal, kind: 'payment', refund: null, protocol, mchid, outTradeNo, transactionId, url, nextAttemptAt }
}

/** @param at - virtual milliseconds of the result */
export function newRefundNotice({ refund, id, at, ordinal }: Numbered & { refund: Refund; at: number }): Notice {
  const { mchid, outTradeNo, transactionId, announce } = refund
  if (!announce) throw new Error('nobody is to be told of this refund')
  const { form: protocol, url } = announce
  return { ...fresh, id, ordinal, kind: 'refund', refund, protocol, mchid, outTradeNo, transactionId, url, nextAttemptAt: at }
}
