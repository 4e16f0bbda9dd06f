import type { Rule } from './fields.ts'

const text = (max: number): Rule => ({ max })
const outTradeNo: Rule = { max: 32, shape: /^[0-9A-Za-z_\-|*@]{6,32}$/ }
const outRefundNo: Rule = { max: 64, shape: /^[0-9A-Za-z_\-|*@]+$/ }

/** Chapter 申请退款: https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_4 */
export const refundRules: Record<string, Rule> = {
  device_info: text(32),
  transaction_id: text(32),
  out_trade_no: outTradeNo,
  out_refund_no: { required: true, ...outRefundNo },
  total_fee: { required: true, max: 19 },
  refund_fee: { required: true, max: 19 },
  refund_fee_type: { max: 8, shape: /^CNY$/ },
  refund_desc: text(80),
  refund_account: { max: 30, shape: /^REFUND_SOURCE_(UNSETTLED|RECHARGE)_FUNDS$/ },
  notify_url: text(256),
  op_user_id: text(32),
}

/** Chapter 查询退款: https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_5 */
export const refundqueryRules: Record<string, Rule> = {
  device_info: text(32),
  transaction_id: text(32),
  out_trade_no: outTradeNo,
  out_refund_no: outRefundNo,
  refund_id: text(32),
  offset: { max: 10, shape: /^\d+$/ },
}
