import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openResource, sealResource } from './aead.ts'
import { bringUpText } from '../bridge/bringUp.ts'
import { readAuthorization } from './authorization.ts'
import { isSignedBy, messageText, requestText, signText } from './sign.ts'

const Signed = z.object({ name: z.string(), headers: z.record(z.string(), z.string()), body: z.string(), expect: z.string() })
const Key = z.object({ serial_no: z.string(), private_key_pem: z.string(), certificate_pem: z.string() })
const Vectors = z.object({
  keys: z.object({
    mchid: z.string(),
    apiv3_key: z.string(),
    merchant: Key,
    platform_certificates: z.array(Key),
    wechatpay_public_key: z.object({ id: z.string(), private_key_pem: z.string(), public_key_pem: z.string() }),
  }),
  request_signing: z.array(
    z.object({
      name: z.string(),
      method: z.string(),
      url: z.string(),
      timestamp: z.string(),
      nonce_str: z.string(),
      body: z.string(),
      message_sha256: z.string(),
      signature: z.string(),
      authorization: z.string(),
    }),
  ),
  response_verification: z.array(Signed),
  notices: z.array(Signed),
  bring_up: z.array(
    z.object({
      name: z.string(),
      message: z.string(),
      paySign: z.string(),
      params: z.object({ appId: z.string(), timeStamp: z.string(), nonceStr: z.string(), package: z.string() }),
    }),
  ),
  aes_256_gcm: z.array(
    z.object({
      name: z.string(),
      key: z.string(),
      nonce: z.string(),
      associated_data: z.string(),
      plaintext: z.string(),
      ciphertext_base64: z.string(),
      tag_hex: z.string(),
    }),
  ),
})
const vectors = Vectors.parse(JSON.parse(readFileSync(new URL('./fixtures/vectors.json', import.meta.url), 'utf8')))
const { keys } = vectors

/** WeChat's keys by the serial that a header names. */
const holders = new Map([
  [keys.wechatpay_public_key.id, keys.wechatpay_public_key.public_key_pem],
  ...keys.platform_certificates.map(({ serial_no, certificate_pem }) => [serial_no, certificate_pem] as const),
])

describe('a request of the vectors', () => {
  it.each(vectors.request_signing)('$name: its Authorization is read and verified, and made again to the letter', (vector) => {
    const { method, url, timestamp, nonce_str, body, signature, authorization } = vector
    const text = requestText({ method, url, timestamp, nonce: nonce_str, body: Buffer.from(body) })
    expect(createHash('sha256').update(text).digest('hex')).toBe(vector.message_sha256)
    expect(readAuthorization(authorization, 'other')).toEqual({
      mchid: keys.mchid,
      nonce: nonce_str,
      timestamp,
      serial: keys.merchant.serial_no,
      signature,
    })
    expect(isSignedBy(text, signature, keys.merchant.certificate_pem)).toBe(true)
    expect(signText(text.toString('utf8'), keys.merchant.private_key_pem)).toBe(signature)
    expect(isSignedBy(Buffer.concat([text, Buffer.from(' ')]), signature, keys.merchant.certificate_pem)).toBe(false)
  })
})

describe('a bring-up of the vectors', () => {
  it.each(vectors.bring_up)('$name: its four lines are built, verified, and signed again to the letter', ({ message, paySign, params }) => {
    expect(bringUpText(params)).toBe(message)
    expect(isSignedBy(Buffer.from(message), paySign, keys.merchant.certificate_pem)).toBe(true)
    expect(isSignedBy(Buffer.from(message.trimEnd()), paySign, keys.merchant.certificate_pem)).toBe(false)
    expect(signText(message, keys.merchant.private_key_pem)).toBe(paySign)
  })
})

describe('an answer or notice of the vectors', () => {
  it.each([...vectors.response_verification, ...vectors.notices])('$name: $expect', ({ name, headers, body, expect: expected }) => {
    const text = messageText(headers['Wechatpay-Timestamp'] ?? '', headers['Wechatpay-Nonce'] ?? '', body)
    const fits = isSignedBy(Buffer.from(text), headers['Wechatpay-Signature'] ?? '', holders.get(headers['Wechatpay-Serial'] ?? '') ?? '')
    // A stale message is rightly signed: it is the receiver's clock that says no.
    expect(fits, name).toBe(expected !== 'invalid')
  })
})

describe('a sealed text of the vectors', () => {
  it.each(vectors.aes_256_gcm)('$name: opened, and sealed again to the letter', (vector) => {
    const { key, nonce, associated_data, plaintext, ciphertext_base64, tag_hex } = vector
    expect(openResource(key, { ciphertext: ciphertext_base64, associated_data, nonce })).toBe(plaintext)
    const sealed = sealResource(key, { plaintext, associatedData: associated_data, nonce })
    expect(sealed).toEqual({ algorithm: 'AEAD_AES_256_GCM', ciphertext: ciphertext_base64, associated_data, nonce })
    expect(Buffer.from(sealed.ciphertext, 'base64').toString('hex').endsWith(tag_hex)).toBe(true)
  })

  it.each(vectors.aes_256_gcm)('$name: not opened with another key, nonce, associated data or tag', (vector) => {
    const { key, nonce, associated_data, ciphertext_base64: ciphertext } = vector
    const flipped = Buffer.from(ciphertext, 'base64')
    flipped.writeUInt8(flipped.readUInt8(flipped.length - 1) ^ 1, flipped.length - 1)
    for (const [otherKey, sealed] of [
      [`X${key.slice(1)}`, { ciphertext, associated_data, nonce }],
      [key, { ciphertext, associated_data: `${associated_data}x`, nonce }],
      [key, { ciphertext, associated_data, nonce: 'x'.repeat(12) }],
      [key, { ciphertext: flipped.toString('base64'), associated_data, nonce }],
    ] as const) {
      expect(() => openResource(otherKey, sealed)).toThrow()
    }
  })
})
