import type { Merchant, Merchants } from '../merchants.ts'
import { isSigned } from '../v2/sign.ts'
import { ScanError } from './scanError.ts'

/** A printed code that stands for a product, and for whoever sells it. */
export interface Product {
  merchant: Merchant
  appid: string
  productId: string
}

const prefix = 'weixin://wxpay/bizpayurl?'
const names = ['appid', 'mch_id', 'product_id', 'time_stamp', 'nonce_str', 'sign'] as const

/** Codes of mode 2 have a pr, and nothing else that is known. */
export const isProductCode = (codeUrl: string): boolean =>
  codeUrl.startsWith(prefix) && !new URLSearchParams(codeUrl.slice(prefix.length)).has('pr')

/**
 * Signed with MD5 over the other five parameters, which may stand in any order; product_id raw, though it is encoded in the address.
 *
 * @throws {ScanError}
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=6_4
 */
export function readProductCode(codeUrl: string, merchants: Merchants): Product {
  const wrong = (reason: string) => new ScanError('原生支付URL参数错误', reason)
  const query = new URLSearchParams(codeUrl.slice(prefix.length))
  const fields = new Map([...query])
  const extra = [...query.keys()].find((name, index, all) => !names.some((known) => known === name) || all.indexOf(name) !== index)
  if (extra !== undefined) throw wrong(`${extra} is unknown, or there twice`)
  for (const name of names) {
    const value = fields.get(name) ?? ''
    if (value === '' || Buffer.byteLength(value) > 32) throw wrong(`${name} is missing, empty or longer than 32 bytes`)
  }
  if (!/^\d{10}$/.test(fields.get('time_stamp') ?? '')) throw wrong('time_stamp must be ten digits: seconds')
  const merchant = merchants.find(fields.get('mch_id') ?? '')
  const appid = fields.get('appid') ?? ''
  if (!merchant?.appids.includes(appid)) throw wrong('no merchant of this mock has this mch_id and appid')
  if (!isSigned(fields, merchant.apiKeyV2, 'MD5'))
    throw wrong('expected MD5 over appid, mch_id, nonce_str, product_id, time_stamp and the key')
  return { merchant, appid, productId: fields.get('product_id') ?? '' }
}
