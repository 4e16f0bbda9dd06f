import { createHash } from 'node:crypto'
import { base62 } from '../support/random.ts'
import type { Backend } from './backend.ts'
import { badValue, checkFields, shorturlRules } from './fields.ts'
import type { Call } from './gate.ts'
import type { Fields } from './xml.ts'

const scheme = 'weixin://'

/**
 * "Signed raw, transmitted URL-encoded": what is decoded is tried first, then what was sent, for those who send it raw.
 *
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_9
 */
export function readLongUrl(fields: Fields): Fields[] {
  const sent = fields.get('long_url') ?? ''
  const raw = [decoded(sent), sent].filter((url) => url.startsWith(scheme))
  return raw.length === 0 ? [fields] : raw.map((url) => new Map([...fields, ['long_url', url]]))
}

/** What is no good escape was not escaped. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A lighter QR code for a printed product. The same address gets the same short one. @throws {Refused | Failed} */
export function shorturl({ fields }: Call, { ledger }: Backend): Fields {
  checkFields(fields, shorturlRules)
  const longUrl = fields.get('long_url') ?? ''
  if (!longUrl.startsWith(`${scheme}wxpay/bizpayurl?`)) throw badValue('long_url', 'long_url is no code of Native mode 1')
  const shortUrl = `${scheme}wxpay/s/${tokenOf(longUrl)}`
  ledger.shorten(shortUrl, longUrl)
  return new Map([['short_url', shortUrl]])
}

/** Seven characters, as in published ones. */
const tokenOf = (longUrl: string): string =>
  [...createHash('sha256').update(longUrl).digest().subarray(0, 7)].map((byte) => base62.charAt(byte % base62.length)).join('')
