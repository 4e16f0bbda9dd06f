import { cashFen, type Trade, type TradePayment } from '../ledger/trade.ts'
import { formatBeijing } from '../support/beijing.ts'

/** The fields of a paid trade that its notice and the answer to a query have in common. */
export function paidFields(trade: Trade, payment: TradePayment): [string, string][] {
  return [
    ['openid', payment.openid],
    ['is_subscribe', 'N'],
    ['trade_type', trade.tradeType],
    ['bank_type', payment.bankType],
    ['total_fee', String(trade.totalFen)],
    ['fee_type', 'CNY'],
    ['cash_fee', String(cashFen(trade, payment))],
    ...couponFields(payment),
    ['transaction_id', payment.transactionId],
    ['out_trade_no', trade.outTradeNo],
    ...(trade.attach === null ? [] : [['attach', trade.attach] satisfies [string, string]]),
    ['time_end', formatBeijing(payment.realPaidAt)],
  ]
}

/** One recharged coupon (CASH): no settlement_total_fee then. */
function couponFields({ couponFen, couponId }: TradePayment): [string, string][] {
  if (couponId === null) return []
  return [
    ['coupon_fee', String(couponFen)],
    ['coupon_count', '1'],
    ['coupon_type_0', 'CASH'],
    ['coupon_id_0', couponId],
    ['coupon_fee_0', String(couponFen)],
  ]
}
