import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'

/** Parsing a PEM costs more than signing with it, and there are only a handful. */
const parsed = new Map<string, KeyObject>()

function once(pem: string, parse: (pem: string) => KeyObject): KeyObject {
  const known = parsed.get(pem)
  if (known) return known
  const key = parse(pem)
  parsed.set(pem, key)
  return key
}

/** RSASSA-PKCS1-v1_5 with SHA-256, as base64 on one line. @param privateKey - PEM */
export const signText = (text: string, privateKey: string): string =>
  sign('RSA-SHA256', Buffer.from(text), once(privateKey, createPrivateKey)).toString('base64')

/** @param text - bytes, because a body is signed as it was sent. @param holder - PEM of a public key or of a certificate */
export const isSignedBy = (text: Buffer, signature: string, holder: string): boolean =>
  verify('RSA-SHA256', text, once(holder, createPublicKey), Buffer.from(signature, 'base64'))

/**
 * What a request is signed over: five lines, each ended by a newline, the last too.
 *
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012365336
 */
export function requestText(request: { method: string; url: string; timestamp: string; nonce: string; body: Buffer }): Buffer {
  const head = [request.method, request.url, request.timestamp, request.nonce, ''].join('\n')
  return Buffer.concat([Buffer.from(head), request.body, Buffer.from('\n')])
}

/** What an answer or a notice is signed over: three lines, each ended by a newline. An empty body is an empty line. */
export const messageText = (timestamp: string, nonce: string, body: string): string => `${timestamp}\n${nonce}\n${body}\n`
