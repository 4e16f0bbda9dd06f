import type { Merchant } from '../merchants.ts'
import { Refused } from './refusal.ts'
import { isSigned, signedText, signTypes, type SignType } from './sign.ts'
import { readXml, XmlError, type Fields } from './xml.ts'

/** A call that really comes from one of our merchants. */
export interface Call {
  fields: Fields
  merchant: Merchant
  appid: string
  signType: SignType
  /** Whose certificate the caller has shown; only where one is asked for. */
  caller?: Merchant
}

/** Other readings of a message, one of which must be what was signed. */
export type Readings = (fields: Fields) => Fields[]

/**
 * The checks that every endpoint makes first, in WeChat's order: body, XML, mch_id, appid, their bond, signature.
 *
 * @throws {Refused}
 */
export function admit(raw: Buffer, merchants: readonly Merchant[], readings: Readings = (fields) => [fields]): Call {
  const fields = parse(raw)
  const mchid = present(fields, 'mch_id')
  const appid = present(fields, 'appid')
  const merchant = merchants.find((candidate) => candidate.mchid === mchid)
  if (!merchants.some((candidate) => candidate.appids.includes(appid)))
    throw new Refused('appid不存在', 'no merchant of this mock has the appid')
  if (!merchant) throw new Refused('商户号mch_id不存在', 'no merchant of this mock has the mch_id') // our text: WeChat's is not published
  if (!merchant.appids.includes(appid)) throw new Refused('商户号mch_id与appid不匹配', 'the appid belongs to another merchant')
  const signType = readSignType(fields)
  present(fields, 'sign', 64)
  const candidates = readings(fields)
  const signed = candidates.find((candidate) => isSigned(candidate, merchant.apiKeyV2, signType))
  if (!signed) throw new Refused('签名错误', `expected ${signType} over: ${signedText(candidates[0] ?? fields)}&key=***`)
  present(fields, 'nonce_str')
  return { fields: signed, merchant, appid, signType }
}

function parse(raw: Buffer): Fields {
  if (raw.length === 0) throw new Refused('post数据为空', 'the body is empty')
  try {
    return readXml(raw)
  } catch (cause) {
    if (cause instanceof XmlError) throw new Refused('XML格式错误', cause.message)
    throw cause
  }
}

function present(fields: Fields, name: string, max = 32): string {
  const value = fields.get(name) ?? ''
  if (value === '') throw new Refused('缺少参数', `${name} is required`)
  if (Buffer.byteLength(value) > max) throw new Refused(`${name}参数长度有误`, `${name} is longer than ${max} bytes`)
  return value
}

function readSignType(fields: Fields): SignType {
  const asked = fields.get('sign_type') || 'MD5'
  const known = signTypes.find((type) => type === asked)
  if (!known) throw new Refused('签名错误', `unknown sign_type; known are ${signTypes.join(', ')}`)
  return known
}
