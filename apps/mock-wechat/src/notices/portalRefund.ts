import { createHash } from 'node:crypto'
import type { Trade } from '../ledger/trade.ts'
import type { Refund } from '../refunds/refund.ts'
import { formatBeijing } from '../support/beijing.ts'

/** For the fault v2-refund-xml on a payment: the whole of it was refunded in the merchant platform. The ledger knows nothing of it. */
export function portalRefund(trade: Trade, seed: string): Refund {
  const { payment } = trade
  if (!payment) throw new Error('only paid trades are refunded')
  const digits = BigInt(`0x${createHash('sha256').update(seed).digest('hex')}`)
    .toString()
    .slice(0, 18)
  return {
    mchid: trade.mchid,
    outTradeNo: trade.outTradeNo,
    transactionId: payment.transactionId,
    origin: 'portal',
    outRefundNo: `R${trade.outTradeNo}`,
    refundId: `503${digits.slice(0, 7)}${formatBeijing(payment.realPaidAt).slice(0, 8)}${digits.slice(7)}`,
    refundFen: trade.totalFen,
    couponFen: payment.couponFen,
    reason: null,
    notifyUrl: null,
    announce: null,
    fundsAccount: 'AVAILABLE',
    channel: 'ORIGINAL',
    receivedAccount: '支付用户零钱',
    status: 'SUCCESS',
    acceptedAt: payment.paidAt,
    realAcceptedAt: payment.realPaidAt,
    due: null,
    finishedAt: payment.paidAt,
    realFinishedAt: payment.realPaidAt,
  }
}
