import type { Merchant, Merchants } from '../merchants.ts'
import { readAuthorization, signError, type Authorization } from './authorization.ts'
import { internalCodes, Refused } from './refusal.ts'
import { isSignedBy, requestText } from './sign.ts'

/** A request as it came. */
export interface Incoming {
  method: string
  /** Path and query, byte for byte as in the request line: this is what was signed. */
  url: string
  /** By lower-case name; "" when absent. */
  header(name: string): string
  body: Buffer
}

/** A call that really comes from one of our merchants. */
export interface Call {
  merchant: Merchant
  /** The key that the merchant wants to see at work. */
  namedSerial: string | undefined
  /** The parsed body; an empty object when there was none. */
  body: Record<string, unknown>
  query: URLSearchParams
  /** The last part of the path that is not fixed; "" when there is none. */
  parameter: string
  /** Scheme and host by which the call came. */
  origin: string
}

/** ± 5 minutes: 签名生成, https://pay.weixin.qq.com/doc/v3/merchant/4012365336 */
const toleranceSeconds = 300
/** A signed text is shown up to about here of its body, as captured from the real service. */
const shownBodyBytes = 8

/**
 * The checks that every endpoint makes first, in WeChat's order: usual headers, Authorization, clock, serial, signature.
 *
 * @param now - real time in milliseconds
 * @throws {Refused} 400 or 401
 */
export function admit(request: Incoming, merchants: Merchants, now: number): Merchant {
  const family = request.url.startsWith('/v3/pay/transactions/') ? 'payment' : 'other'
  if (family === 'other' && (request.header('accept') === '' || request.header('user-agent') === '')) {
    throw new Refused({
      status: 400,
      code: 'INVALID_REQUEST',
      message: 'Http头缺少Accept或User-Agent',
      internal: internalCodes.illegalParameter,
    })
  }
  const claim = readAuthorization(request.header('authorization'), family)
  checkTime(claim, now)
  const merchant = merchants.find(claim.mchid)
  if (!merchant || claim.serial.toUpperCase() !== merchant.merchantSerial) {
    const reason = merchant ? 'serial_no is not the serial number of this merchant’s certificate' : 'no merchant of this mock has the mchid'
    throw signError('商户证书序列号有误。请使用签名私钥匹配的证书序列号', reason)
  }
  checkSignature(request, claim, merchant)
  return merchant
}

function checkTime({ timestamp }: Authorization, now: number): void {
  const awayBy = Number(timestamp) - Math.floor(now / 1000)
  if (Math.abs(awayBy) <= toleranceSeconds) return
  throw signError(
    'Http头Authorization中的timestamp与发起请求的时间不得超过5分钟',
    `timestamp is ${awayBy} s away from the clock of this mock; it counts in seconds`,
  )
}

function checkSignature({ method, url, body }: Incoming, claim: Authorization, merchant: Merchant): void {
  const text = requestText({ method, url, timestamp: claim.timestamp, nonce: claim.nonce, body })
  if (isSignedBy(text, claim.signature, merchant.merchantCertificate)) return
  const start = requestText({ method, url, timestamp: claim.timestamp, nonce: claim.nonce, body: body.subarray(0, shownBodyBytes) })
  throw signError('签名错误', `expected a signature by the merchant’s key over: ${JSON.stringify(text.toString('utf8'))}`, {
    detail: { issue: 'sign not match' },
    field: 'signature',
    location: 'authorization',
    sign_information: { method, sign_message_length: text.length, truncated_sign_message: start.toString('utf8'), url },
  })
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** @throws {Refused} 400 PARAM_ERROR; the text is ours, WeChat's is not published */
export function readBody(bytes: Buffer): Record<string, unknown> {
  if (bytes.length === 0) return {}
  let parsed: unknown
  try {
    parsed = JSON.parse(utf8.decode(bytes))
  } catch (cause) {
    throw notJson(cause instanceof Error ? cause.message : 'unreadable')
  }
  if (!isObject(parsed)) throw notJson('the body is JSON, and not an object')
  return parsed
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const notJson = (reason: string) =>
  new Refused({
    status: 400,
    code: 'PARAM_ERROR',
    message: '请求包体不是合法的JSON',
    detail: { location: 'body', value: '' },
    reason,
    internal: internalCodes.illegalParameter,
  })
