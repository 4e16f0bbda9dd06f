import { internalCodes, Refused, type ErrorDetail } from './refusal.ts'

/** What a merchant says of itself and of its signature in the header Authorization. */
export interface Authorization {
  mchid: string
  nonce: string
  /** Unix seconds, digits as sent. */
  timestamp: string
  serial: string
  signature: string
}

const scheme = 'WECHATPAY2-SHA256-RSA2048'
const malformed = 'Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》'
const names = ['mchid', 'nonce_str', 'timestamp', 'serial_no', 'signature'] as const

/** Every refusal of a signature is a 401 SIGN_ERROR; they differ by message only. */
export function signError(message: string, reason: string, detail?: ErrorDetail): Refused {
  return new Refused({ status: 401, code: 'SIGN_ERROR', message, reason, internal: internalCodes.signature, ...(detail && { detail }) })
}

/**
 * One blank after the scheme, then five pairs in any order: double quotes, commas without blanks.
 *
 * @param family - the payment interfaces answer a missing header and a foreign scheme with a text of their own (seen at the real service)
 * @throws {Refused} 401
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012365336
 */
export function readAuthorization(value: string, family: 'payment' | 'other'): Authorization {
  const message = (text: string) => (family === 'payment' ? '签名信息错误，验签失败' : text)
  const blank = value.indexOf(' ')
  if (blank < 1) throw signError(message(malformed), 'the header Authorization is missing, or has nothing after the scheme')
  if (value.slice(0, blank) !== scheme) throw signError(message('HTTP头Authorization认证类型不正确'), `the scheme is not ${scheme}`)
  const pairs = readPairs(value.slice(blank + 1))
  const [mchid, nonce, timestamp, serial, signature] = names.map((name) => pairs?.get(name) ?? '')
  if (!mchid || !nonce || !timestamp || !serial || !signature || pairs?.size !== names.length)
    throw signError(malformed, `Authorization must hold exactly ${names.join(', ')}, as name="value" with commas and no blanks`)
  if (!/^\d{1,12}$/.test(timestamp)) throw signError(malformed, 'timestamp is no number of seconds')
  return { mchid, nonce, timestamp, serial, signature }
}

/** Undefined when something is between the pairs that does not belong there, or a name comes twice. */
function readPairs(text: string): Map<string, string> | undefined {
  const pairs = new Map<string, string>()
  const pair = /([a-z_]+)="([^"]*)"(,(?=.)|$)/y
  while (pair.lastIndex < text.length) {
    const [, name, value] = pair.exec(text) ?? []
    if (name === undefined || value === undefined || pairs.has(name)) return undefined
    pairs.set(name, value)
  }
  return pairs
}
