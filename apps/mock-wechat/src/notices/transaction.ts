import { cashFen, type Trade } from '../ledger/trade.ts'
import { formatRfc3339 } from '../support/rfc3339.ts'

/**
 * What a v3 notice says of a paid trade, in the order of captured ones.
 *
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012791882
 */
export function paidTransaction(trade: Trade) {
  const { payment } = trade
  if (!payment) throw new Error('only paid trades are announced')
  return {
    mchid: trade.mchid,
    appid: trade.appid,
    out_trade_no: trade.outTradeNo,
    transaction_id: payment.transactionId,
    trade_type: trade.tradeType,
    trade_state: 'SUCCESS',
    trade_state_desc: '支付成功',
    bank_type: payment.bankType,
    attach: trade.attach ?? '',
    success_time: formatRfc3339(payment.realPaidAt),
    payer: { openid: payment.openid },
    amount: { total: trade.totalFen, payer_total: cashFen(trade, payment), currency: 'CNY', payer_currency: 'CNY' },
    ...(trade.deviceInfo === null ? {} : { scene_info: { device_id: trade.deviceInfo } }),
    ...(payment.couponId === null ? {} : { promotion_detail: [coupon(payment.couponId, payment.couponFen)] }),
  }
}

/** A recharged coupon (CASH): the merchant is settled its amount. */
const coupon = (couponId: string, amount: number) => ({
  coupon_id: couponId,
  name: '充值代金券',
  scope: 'GLOBAL',
  type: 'CASH',
  amount,
  wechatpay_contribute: 0,
  merchant_contribute: amount,
  other_contribute: 0,
  currency: 'CNY',
})
