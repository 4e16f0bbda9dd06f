import { mchid, outTradeNo, required, text, type Rule, type Rules } from './fields.ts'

const goods: Rule = {
  type: 'object',
  label: '单品',
  fields: {
    merchant_goods_id: text('商户侧商品编码', 32, { min: 1, shape: /^[0-9A-Za-z_-]+$/, ...required }),
    wechatpay_goods_id: text('微信支付商品编码', 32),
    goods_name: text('商品名称', 256),
    quantity: { type: 'integer', label: '商品数量', min: 1, ...required },
    unit_price: { type: 'integer', label: '商品单价', min: 0, ...required },
  },
}

const storeInfo: Rule = {
  type: 'object',
  label: '商户门店信息',
  fields: {
    id: text('门店编号', 32, { min: 1, ...required }),
    name: text('门店名称', 256),
    area_code: text('地区编码', 32),
    address: text('详细地址', 512),
  },
}

const sceneInfo = {
  payer_client_ip: text('用户终端IP', 45, { min: 1, ...required }),
  device_id: text('商户端设备号', 32),
  store_info: storeInfo,
}

/** Native下单: https://pay.weixin.qq.com/doc/v3/merchant/4012791877 */
export const nativeRules: Rules = {
  appid: text('公众账号ID', 32, { min: 1, ...required }),
  mchid,
  description: text('商品描述', 127, { min: 1, ...required }),
  out_trade_no: outTradeNo,
  // A date, a time and an offset; fractions of seconds are legal too.
  time_expire: text('支付结束时间', 64, { shape: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/ }),
  attach: text('商户数据包', 128),
  notify_url: text('商户回调地址', 255, {
    min: 1,
    shape: /^https?:\/\/([^\s/?#[\]@]+@)?([^\s/?#@:]+)(?::\d{2,5})?([^\s?#[\]]*)$/,
    ...required,
  }),
  goods_tag: text('订单优惠标记', 32),
  support_fapiao: { type: 'boolean', label: '电子发票入口开放标识' },
  limit_pay: {
    type: 'array',
    label: '指定支付方式',
    max: 4,
    items: { type: 'string', label: '指定支付方式', max: 32, oneOf: ['no_balance', 'no_credit', 'no_debit', 'balance_only'] },
  },
  amount: {
    type: 'object',
    label: '订单金额',
    ...required,
    fields: { total: { type: 'integer', label: '总金额', min: 1, ...required }, currency: text('货币类型', 16) },
  },
  detail: {
    type: 'object',
    label: '优惠功能',
    fields: {
      cost_price: { type: 'integer', label: '订单原价', min: 0 },
      invoice_id: text('商品小票ID', 32),
      goods_detail: { type: 'array', label: '单品列表', max: 6000, items: goods },
    },
  },
  scene_info: { type: 'object', label: '场景信息', fields: sceneInfo },
  settle_info: { type: 'object', label: '结算信息', fields: { profit_sharing: { type: 'boolean', label: '分账标识' } } },
}

/** JSAPI/小程序下单: https://pay.weixin.qq.com/doc/v3/merchant/4012791856 */
export const jsapiRules: Rules = {
  ...nativeRules,
  payer: { type: 'object', label: '支付者', ...required, fields: { openid: text('用户标识', 128, { min: 1, ...required }) } },
}

const h5Info: Rule = {
  type: 'object',
  label: 'H5场景信息',
  ...required,
  fields: {
    type: { type: 'string', label: '场景类型', min: 1, max: 32, oneOf: ['iOS', 'Android', 'Wap'], ...required },
    app_name: text('应用名称', 64),
    app_url: text('网站URL', 128),
    bundle_id: text('iOS平台BundleID', 128),
    package_name: text('Android平台PackageName', 128),
  },
}

/** H5下单: https://pay.weixin.qq.com/doc/v3/merchant/4012791834 */
export const h5Rules: Rules = {
  ...nativeRules,
  scene_info: { type: 'object', label: '场景信息', ...required, fields: { ...sceneInfo, h5_info: h5Info } },
}
