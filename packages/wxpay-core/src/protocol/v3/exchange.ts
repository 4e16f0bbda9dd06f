import type { Incoming, Outgoing, Sender } from '../send.ts'
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

export interface SigningParts {
  merchant: Merchant
  /** Named in every request: WeChat then signs its answer with this key, as soon as the merchant has begun to switch to it. */
  publicKeyId: string | undefined
  nonce: () => string
  now: () => number
}

export interface ExchangeParts extends SigningParts {
  sender: Pick<Sender, 'send'>
}

/**
 * Without a public key's id nothing is named, and WeChat signs with its platform certificate.
 *
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012154180
 */
export function createExchange({ sender, ...parts }: ExchangeParts): Exchange {
  return async (ask, deadline) => sender.send(await signedRequest(parts, ask), deadline)
}

/** The request with its Authorization. */
export async function signedRequest(parts: SigningParts, { method, path, body }: Ask): Promise<Outgoing> {
  const { merchant, publicKeyId, nonce, now } = parts
  const timestamp = Math.floor(now() / 1000)
  const authorization = await authorize(merchant, { method, pathAndQuery: path, timestamp, nonce: nonce(), body: body ?? '' })
  const headers = {
    authorization,
    accept: 'application/json',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(publicKeyId !== undefined && { 'wechatpay-serial': publicKeyId }),
  }
  return { method, path, headers, ...(body !== undefined && { body }) }
}
