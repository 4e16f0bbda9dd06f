import { outTradeNo, required, text, transactionId, type Rule, type Rules } from './fields.ts'

const outRefundNoShape = /^[0-9A-Za-z_\-|*@]+$/
export const outRefundNo = text('商户退款单号', 64, { min: 1, shape: outRefundNoShape, ...required })

const goods: Rule = {
  type: 'object',
  label: '退款商品',
  fields: {
    merchant_goods_id: text('商户侧商品编码', 32, { min: 1, ...required }),
    wechatpay_goods_id: text('微信支付商品编码', 32),
    goods_name: text('商品名称', 256),
    unit_price: { type: 'integer', label: '商品单价', min: 0, ...required },
    refund_amount: { type: 'integer', label: '商品退款金额', min: 0, ...required },
    refund_quantity: { type: 'integer', label: '商品退货数量', min: 1, ...required },
  },
}

const from: Rule = {
  type: 'object',
  label: '退款出资账户及金额',
  fields: {
    account: { type: 'string', label: '出资账户类型', max: 32, oneOf: ['AVAILABLE', 'UNAVAILABLE'], ...required },
    amount: { type: 'integer', label: '出资金额', min: 1, ...required },
  },
}

const optional = ({ required: _, ...rule }: Rule): Rule => rule

/** 申请退款, APIv3 */
export const refundRules: Rules = {
  transaction_id: optional(transactionId),
  out_trade_no: optional(outTradeNo),
  out_refund_no: outRefundNo,
  reason: text('退款原因', 80, { min: 1 }),
  notify_url: text('退款结果回调url', 256, { min: 1, shape: /^https?:\/\/([^\s/?#[\]@]+@)?([^\s/?#@:]+)(?::\d{2,5})?([^\s?#[\]]*)$/ }),
  funds_account: { type: 'string', label: '退款资金来源', max: 32, oneOf: ['AVAILABLE', 'UNSETTLED'] },
  amount: {
    type: 'object',
    label: '金额信息',
    ...required,
    fields: {
      refund: { type: 'integer', label: '退款金额', min: 1, ...required },
      from: { type: 'array', label: '退款出资账户及金额', max: 20, items: from },
      total: { type: 'integer', label: '原订单金额', min: 1, ...required },
      currency: text('退款币种', 16, { min: 1, ...required }),
    },
  },
  goods_detail: { type: 'array', label: '退款商品', max: 50, items: goods },
}

/** Debit cards only, of fifteen banks; the names are what a refund shows. */
export const banks: Record<string, string> = {
  ICBC_DEBIT: '工商银行',
  ABC_DEBIT: '农业银行',
  BOC_DEBIT: '中国银行',
  CCB_DEBIT: '建设银行',
  COMM_DEBIT: '交通银行',
  CMB_DEBIT: '招商银行',
  PAB_DEBIT: '平安银行',
  SPDB_DEBIT: '浦发银行',
  CITIC_DEBIT: '中信银行',
  CEB_DEBIT: '光大银行',
  CMBC_DEBIT: '民生银行',
  CIB_DEBIT: '兴业银行',
  GDB_DEBIT: '广发银行',
  PSBC_DEBIT: '邮储银行',
  NBCB_DEBIT: '宁波银行',
}

/** 发起异常退款, APIv3 */
export const abnormalRules: Rules = {
  out_refund_no: outRefundNo,
  type: { type: 'string', label: '异常退款处理方式', max: 32, oneOf: ['USER_BANK_CARD', 'MERCHANT_BANK_CARD'], ...required },
  bank_type: { type: 'string', label: '开户银行', max: 16, oneOf: Object.keys(banks) },
  bank_account: text('收款银行卡号', 1024, { min: 1 }),
  real_name: text('收款用户姓名', 1024, { min: 1 }),
}
