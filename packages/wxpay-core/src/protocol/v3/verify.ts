import { createVerify, type KeyObject } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { digits } from './digits.ts'
import { isProbe, SignatureProbeError } from './probe.ts'
import { SignatureError } from './signatureError.ts'

/** What the headers of an answer or of a notice say of its signature. */
export interface Signature {
  /** The header's own digits: they are signed. */
  timestamp: string
  nonce: string
  value: string
  /** The key that signed: PUB_KEY_ID_… or the serial of a platform certificate. */
  serial: string
}

// WeChat's window: five minutes, and its own SDK refuses when they are over to the second.
const windowMs = 300_000

/**
 * Reads the headers, and refuses what is not worth looking up a key for.
 *
 * @param nowMs - our clock, in ms
 * @throws {SignatureError}
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4013053249
 */
export function readSignature(headers: IncomingHttpHeaders, nowMs: number): Signature {
  const timestamp = readHeader(headers, 'wechatpay-timestamp')
  const nonce = readHeader(headers, 'wechatpay-nonce')
  const value = readHeader(headers, 'wechatpay-signature')
  const serial = readHeader(headers, 'wechatpay-serial')
  // Absent, it is the default; another one, such as WECHATPAY2-SM2-WITH-SM3, is not ours to verify.
  const type = headers['wechatpay-signature-type'] ?? 'WECHATPAY2-SHA256-RSA2048'
  if (type !== 'WECHATPAY2-SHA256-RSA2048')
    throw new SignatureError('wrong-signature', 'Wechatpay-Signature-Type is not WECHATPAY2-SHA256-RSA2048')
  const seconds = timestamp.length <= 12 ? digits(timestamp, 0, timestamp.length) : Number.NaN
  if (Number.isNaN(seconds)) throw new SignatureError('malformed', 'Wechatpay-Timestamp is not decimal')
  if (Math.abs(nowMs - seconds * 1000) >= windowMs)
    throw new SignatureError('stale', 'Wechatpay-Timestamp is five minutes or more away from our clock')
  return { timestamp, nonce, value, serial }
}

/** A header that was sent twice arrives as one text with a comma (or as a list): it is neither a number nor a known serial, and fails. */
function readHeader(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name]
  if (value === undefined || value === '') throw new SignatureError('missing-header', `${name} is missing`)
  if (typeof value !== 'string') throw new SignatureError('malformed', `${name} was sent more than once`)
  return value
}

/**
 * Verifies over the bytes as they came. Synchronous: a verification costs a tenth of a signature (docs/decisions/0014).
 *
 * @throws {SignatureError}
 */
export function checkSignature({ timestamp, nonce, value }: Signature, body: Buffer, key: KeyObject): void {
  const verifier = createVerify('RSA-SHA256').update(`${timestamp}\n${nonce}\n`).update(body).update('\n')
  const bytes = Buffer.from(value, 'base64')
  // Buffer.from takes any text, and stops at the padding: of a header that came twice it would take the first.
  if (bytes.toString('base64') === value && verifier.verify(key, bytes)) return
  if (isProbe(value)) throw new SignatureProbeError()
  throw new SignatureError('wrong-signature', 'Wechatpay-Signature is not right')
}
