import type { Incoming, Sender } from '../send.ts'
import { authorize, type Merchant } from './sign.ts'

export interface Ask {
  method: 'GET' | 'POST'
  /** Path and query, percent-encoded: signed and sent as it is. */
  path: string
  /** JSON text, made once: the same characters are signed and sent. */
  body?: string
}

/** Signs and sends; what comes back is not verified yet. @throws {WechatUnknownOutcomeError} */
export type Exchange = (ask: Ask, deadline: AbortSignal) => Promise<Incoming>

export interface ExchangeParts {
  merchant: Merchant
  /** Named in every request: WeChat then signs its answer with this key, as soon as the merchant has begun to switch to it. */
  publicKeyId: string | undefined
  sender: Sender
  nonce: () => string
  now: () => number
}

/**
 * Without a public key's id nothing is named, and WeChat signs with its platform certificate.
 *
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012154180
 */
export function createExchange({ merchant, publicKeyId, sender, nonce, now }: ExchangeParts): Exchange {
  return async ({ method, path, body }, deadline) => {
    const timestamp = Math.floor(now() / 1000)
    const authorization = await authorize(merchant, { method, pathAndQuery: path, timestamp, nonce: nonce(), body: body ?? '' })
    const headers = {
      authorization,
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(publicKeyId !== undefined && { 'wechatpay-serial': publicKeyId }),
    }
    return sender.send({ method, path, headers, ...(body !== undefined && { body }) }, deadline)
  }
}
