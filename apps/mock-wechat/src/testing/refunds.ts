import type { Trade } from '../ledger/trade.ts'
import type { Refund } from '../refunds/refund.ts'
import { digits, randomText } from '../support/random.ts'

/** A refund of a paid trade, put together by hand. */
export function refundOf(trade: Pick<Trade, 'mchid' | 'outTradeNo' | 'payment'>, more: Partial<Refund> = {}): Refund {
  return {
    mchid: trade.mchid,
    outTradeNo: trade.outTradeNo,
    transactionId: trade.payment?.transactionId ?? '',
    origin: 'v3',
    outRefundNo: `R${randomText(digits, 15)}`,
    refundId: `503${randomText(digits, 26)}`,
    refundFen: 1580,
    couponFen: 0,
    reason: null,
    notifyUrl: null,
    announce: null,
    fundsAccount: 'UNSETTLED',
    channel: 'ORIGINAL',
    receivedAccount: '支付用户零钱',
    status: 'PROCESSING',
    acceptedAt: 0,
    realAcceptedAt: 0,
    due: null,
    finishedAt: null,
    realFinishedAt: null,
    ...more,
  }
}
