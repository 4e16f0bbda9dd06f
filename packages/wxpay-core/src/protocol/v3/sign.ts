import { sign, type KeyObject } from 'node:crypto'

export interface SignableRequest {
  method: 'GET' | 'POST'
  /** As sent, percent-encoded, no origin: "/v3/pay/transactions/native". */
  pathAndQuery: string
  /** Unix time in whole seconds, the same as in the Authorization header. */
  timestamp: number
  nonce: string
  /** Character for character what is sent; "" for GET. */
  body: string
}

/**
 * Builds the text that a request is signed over: five lines, each ended by "\n", the last too.
 *
 * @returns e.g. "GET\n/v3/certificates\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n\n"
 * @throws {RangeError} when timestamp is in milliseconds
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012365336
 */
export function requestMessage({ method, pathAndQuery, timestamp, nonce, body }: SignableRequest): string {
  if (timestamp > 1e11) throw new RangeError(`timestamp is not in seconds: ${timestamp}`)
  return `${method}\n${pathAndQuery}\n${timestamp}\n${nonce}\n${body}\n`
}

/**
 * RSASSA-PKCS1-v1_5 with SHA-256, base64 on one line; in the thread pool, so that the loop is free meanwhile
 * (docs/decisions/0014).
 */
export function signMessage(message: string, privateKey: KeyObject): Promise<string> {
  return new Promise((resolve, reject) => {
    sign('RSA-SHA256', Buffer.from(message, 'utf8'), privateKey, (error, signature) => {
      if (error) reject(error)
      else resolve(signature.toString('base64'))
    })
  })
}

export interface Merchant {
  mchId: string
  /** Of the merchant API certificate: 40 upper-case hex digits. */
  serial: string
  privateKey: KeyObject
}

/** The value of the Authorization header: pairs in double quotes, no blanks between them. */
export async function authorize({ mchId, serial, privateKey }: Merchant, request: SignableRequest): Promise<string> {
  const signature = await signMessage(requestMessage(request), privateKey)
  const { nonce, timestamp } = request
  return `WECHATPAY2-SHA256-RSA2048 mchid="${mchId}",nonce_str="${nonce}",timestamp="${timestamp}",serial_no="${serial}",signature="${signature}"`
}
