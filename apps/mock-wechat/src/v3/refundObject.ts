import { cashFen, type Trade, type TradePayment } from '../ledger/trade.ts'
import type { Refund } from '../refunds/refund.ts'
import { formatRfc3339 } from '../support/rfc3339.ts'

/**
 * What WeChat says of a refund. The coupon is a recharged one (CASH): settlements leave it in.
 *
 * @see 查询单笔退款, APIv3
 */
export function refundObject(refund: Refund, trade: Trade, payment: TradePayment) {
  const { refundFen, couponFen, status, realFinishedAt } = refund
  return {
    refund_id: refund.refundId,
    out_refund_no: refund.outRefundNo,
    transaction_id: refund.transactionId,
    out_trade_no: refund.outTradeNo,
    channel: refund.channel,
    user_received_account: refund.receivedAccount,
    ...(status === 'SUCCESS' && realFinishedAt !== null ? { success_time: formatRfc3339(realFinishedAt) } : {}),
    create_time: formatRfc3339(refund.realAcceptedAt),
    status,
    funds_account: refund.fundsAccount,
    amount: {
      total: trade.totalFen,
      refund: refundFen,
      from: [],
      payer_total: cashFen(trade, payment),
      payer_refund: refundFen - couponFen,
      settlement_refund: refundFen,
      settlement_total: trade.totalFen,
      discount_refund: couponFen,
      currency: 'CNY',
    },
    ...(payment.couponId === null || couponFen === 0 ? {} : { promotion_detail: [coupon(payment.couponId, payment.couponFen, couponFen)] }),
  }
}

const coupon = (promotion_id: string, amount: number, refund_amount: number) => ({
  promotion_id,
  scope: 'GLOBAL',
  type: 'CASH',
  amount,
  refund_amount,
})
