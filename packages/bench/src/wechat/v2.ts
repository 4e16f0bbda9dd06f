import { createHmac, hash } from 'node:crypto'

export type SignType = 'MD5' | 'HMAC-SHA256'
export type Fields = readonly (readonly [name: string, value: string])[]

/**
 * A signature with Node's own means and nothing else: the baseline, and what signs the notices of a run.
 *
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=4_3
 */
export function plainSign(fields: ReadonlyMap<string, string>, key: string, type: SignType): string {
  const names = [...fields.keys()].filter((name) => name !== 'sign' && fields.get(name) !== '').sort()
  const text = `${names.map((name) => `${name}=${fields.get(name) ?? ''}`).join('&')}&key=${key}`
  const digest = type === 'MD5' ? hash('md5', text, 'hex') : createHmac('sha256', key).update(text).digest('hex')
  return digest.toUpperCase()
}

export function signedXml(fields: Fields, key: string, type: SignType): string {
  const sign = plainSign(new Map(fields), key, type)
  return `<xml>${[...fields, ['sign', sign] as const].map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`).join('')}</xml>`
}

export interface Paid {
  appId: string
  mchId: string
  outTradeNo: string
  transactionId: string
  totalFen: number
}

/**
 * The fields of a payment notice, 15 without the signature.
 *
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_7
 */
export function noticeFields({ appId, mchId, outTradeNo, transactionId, totalFen }: Paid): Fields {
  return [
    ['appid', appId],
    ['bank_type', 'OTHERS'],
    ['cash_fee', String(totalFen)],
    ['fee_type', 'CNY'],
    ['is_subscribe', 'N'],
    ['mch_id', mchId],
    ['nonce_str', '5K8264ILTKCH16CQ2502SI8ZNMTM67VS'],
    ['openid', 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'],
    ['out_trade_no', outTradeNo],
    ['result_code', 'SUCCESS'],
    ['return_code', 'SUCCESS'],
    ['time_end', '20261121120000'],
    ['total_fee', String(totalFen)],
    ['trade_type', 'NATIVE'],
    ['transaction_id', transactionId],
  ]
}
