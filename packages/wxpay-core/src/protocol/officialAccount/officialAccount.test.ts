import { createCipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { v3 } from '../../testing/v3.ts'
import { jsSdkSignature } from './jsSdkSignature.ts'
import { createMessageCipher, MessageCipherError } from './messageCipher.ts'
import { isMessageSignature, messageSignature } from './signature.ts'

const account = v3.official_account

describe('the signature of a message push', () => {
  it.each([account.server_check, account.plain_push_doc_example, account.aes_push_json, account.aes_push_xml])(
    'over token, timestamp and nonce is $signature',
    ({ token, timestamp, nonce, signature }) => {
      expect(messageSignature(token, timestamp, nonce)).toBe(signature)
      expect(isMessageSignature(signature, token, timestamp, nonce)).toBe(true)
      expect(isMessageSignature(signature.toUpperCase(), token, timestamp, nonce)).toBe(false)
      expect(isMessageSignature('', token, timestamp, nonce)).toBe(false)
    },
  )

  it.each([
    account.aes_push_json,
    { ...account.aes_reply_json, token: account.aes_push_json.token },
    account.aes_push_xml,
    account.aes_reply_xml,
  ])('over the ciphertext too is $msg_signature', ({ token, timestamp, nonce, encrypt, msg_signature }) => {
    expect(messageSignature(token, timestamp, nonce, encrypt)).toBe(msg_signature)
    expect(isMessageSignature(msg_signature, token, timestamp, nonce)).toBe(false)
  })

  it.each([
    ['other_appid', true],
    ['tampered_encrypt', false],
    ['plain_signature_only', false],
  ])('of the vector %s is right: %s', (name, isRight) => {
    const { token, timestamp, nonce, encrypt, msg_signature } = negative(name)
    expect(isMessageSignature(msg_signature, token, timestamp, nonce, encrypt)).toBe(isRight)
  })

  it('there is no negative vector that is not tested above', () => {
    expect(account.aes_push_negative).toHaveLength(3)
  })
})

function negative(name: string) {
  const vector = account.aes_push_negative.find((one) => one.name === name)
  if (!vector) throw new Error(`no vector ${name}`)
  return vector
}

describe('an encrypted message', () => {
  const { encoding_aes_key, appid } = account.aes_push_json
  it.each([
    ['aes_push_json', account.aes_push_json],
    ['aes_reply_json', { ...account.aes_reply_json, encoding_aes_key, appid }],
    ['aes_wxjava_vector', account.aes_wxjava_vector],
    ['aes_push_xml', account.aes_push_xml],
    ['aes_reply_xml', account.aes_reply_xml],
  ])('of the vector %s is opened, and made to the byte', (_name, vector) => {
    const cipher = createMessageCipher(vector.encoding_aes_key, vector.appid)
    expect(cipher.decrypt(vector.encrypt)).toBe(vector.plaintext)
    expect(cipher.encrypt(vector.plaintext, Buffer.from(vector.random16))).toBe(vector.encrypt)
  })

  const cipher = createMessageCipher(account.aes_push_xml.encoding_aes_key, account.aes_push_xml.appid)
  it.each<[string, string]>([
    ['is for another appid', negative('other_appid').encrypt],
    ['has nothing in it', ''],
    ['is not whole blocks', Buffer.alloc(33).toString('base64')],
    ['was made with another key', account.aes_push_json.encrypt],
    ['lacks its end', Buffer.from(account.aes_push_xml.encrypt, 'base64').subarray(0, -16).toString('base64')],
    ['is no base64', '密文'],
  ])('that %s does not open', (_name, encrypted) => {
    expect(() => cipher.decrypt(encrypted)).toThrow(MessageCipherError)
  })

  it.each<[string, number[]]>([
    ['whose bytes are not all their number', [9, 2]],
    ['of more than 32 bytes', Array.from({ length: 48 }, () => 48)],
  ])('that ends in a padding %s does not open, though all else is right', (_what, padding) => {
    const { encoding_aes_key: aesKey, appid: appId } = account.aes_push_xml
    const sealed = (bytes: number[]) => sealedWith(aesKey, appId, bytes)
    expect(cipher.decrypt(sealed([2, 2]))).toMatch(/^x+$/)
    expect(() => cipher.decrypt(sealed(padding))).toThrow(MessageCipherError)
  })

  /** Of a length that its padding makes whole. */
  function sealedWith(aesKey: string, appId: string, padding: number[]): string {
    const key = Buffer.from(`${aesKey}=`, 'base64')
    const text = 'x'.repeat(32 - ((20 + appId.length + padding.length) % 32))
    const length = Buffer.alloc(4)
    length.writeUInt32BE(text.length)
    const clear = Buffer.concat([Buffer.alloc(16, 'r'), length, Buffer.from(text + appId), Buffer.from(padding)])
    const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
    return Buffer.concat([cipher.update(clear), cipher.final()]).toString('base64')
  }

  it('is padded to blocks of 32 bytes, of which the longest padding is one', () => {
    const lengths = Array.from({ length: 40 }, (_, length) => Buffer.from(cipher.encrypt('x'.repeat(length)), 'base64').length)
    expect(lengths.every((length) => length % 32 === 0)).toBe(true)
    for (let length = 0; length < 40; length++) expect(cipher.decrypt(cipher.encrypt('x'.repeat(length)))).toBe('x'.repeat(length))
  })

  it('is another one each time', () => {
    expect(cipher.encrypt('hello')).not.toBe(cipher.encrypt('hello'))
  })

  it.each(['', 'x'.repeat(42), 'x'.repeat(44), `${'x'.repeat(42)}+`])('is not read with the key "%s"', (key) => {
    expect(() => createMessageCipher(key, 'wx')).toThrow(new RangeError('encodingAesKey must be exactly 43 letters and digits'))
  })
})

describe('the signature for wx.config', () => {
  it.each(account.jssdk)('of $url is $signature', ({ jsapi_ticket: ticket, noncestr: nonce, timestamp, url, signature }) => {
    expect(jsSdkSignature({ ticket, nonce, timestamp, url })).toBe(signature)
    expect(jsSdkSignature({ ticket, nonce, timestamp, url: `${url}#/pay` })).toBe(signature)
  })
})
