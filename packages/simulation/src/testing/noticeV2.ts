import { createHash, createHmac } from 'node:crypto'

export type SignType = 'MD5' | 'HMAC-SHA256'
/** In the order in which they are written. */
export type Fields = readonly (readonly [name: string, value: string])[]

/**
 * What WeChat would sign: fields by ASCII order of their names, without empty ones, and the key at the end.
 *
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=4_3
 */
export function signature(fields: Fields, key: string, type: SignType): string {
  const parts = fields.filter(([name, value]) => name !== 'sign' && value !== '').toSorted(([a], [b]) => (a < b ? -1 : 1))
  const signed = [...parts, ['key', key] as const].map(([name, value]) => `${name}=${value}`).join('&')
  const hash = type === 'MD5' ? createHash('md5') : createHmac('sha256', key)
  return hash.update(signed, 'utf8').digest('hex').toUpperCase()
}

export function sealed(fields: Fields, key: string, type: SignType): Fields {
  return [...fields.filter(([name]) => name !== 'sign'), ['sign', signature(fields, key, type)]]
}

export function xml(fields: Fields): string {
  return `<xml>${fields.map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`).join('')}</xml>`
}

/**
 * All that a payment notice of a Native trade may say.
 *
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_7
 */
export function paymentNotice(about: {
  appId: string
  mchId: string
  outTradeNo: string
  totalFen: number
  transactionId: string
}): Fields {
  return [
    ['return_code', 'SUCCESS'],
    ['result_code', 'SUCCESS'],
    ['appid', about.appId],
    ['mch_id', about.mchId],
    ['nonce_str', '5K8264ILTKCH16CQ2502SI8ZNMTM67VS'],
    ['openid', 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'],
    ['is_subscribe', 'N'],
    ['trade_type', 'NATIVE'],
    ['bank_type', 'OTHERS'],
    ['total_fee', String(about.totalFen)],
    ['cash_fee', String(about.totalFen)],
    ['fee_type', 'CNY'],
    ['transaction_id', about.transactionId],
    ['out_trade_no', about.outTradeNo],
    ['time_end', '20261121120000'],
  ]
}
