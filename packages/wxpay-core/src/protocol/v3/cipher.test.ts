import { createCipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { v3 } from '../../testing/v3.ts'
import { createCipher, UndecryptableError } from './cipher.ts'

const key = v3.keys.apiv3_key
const sealed = { nonce: 'MpigGQPjeITf', associatedData: 'transaction' }
const ciphertext = createCipher(key).encrypt('{"a":"中文"}', sealed)

describe('AES-256-GCM with the API v3 key', () => {
  it.each(v3.aes_256_gcm)('opens and makes the vector $name', (vector) => {
    const cipher = createCipher(vector.key)
    const { nonce, associated_data: associatedData, plaintext, ciphertext_base64, tag_hex } = vector
    expect(cipher.decrypt({ ciphertext: ciphertext_base64, nonce, associatedData })).toBe(plaintext)
    expect(cipher.encrypt(plaintext, { nonce, associatedData })).toBe(ciphertext_base64)
    expect(Buffer.from(ciphertext_base64, 'base64').subarray(-16).toString('hex')).toBe(tag_hex)
  })

  it('takes absent associated data and empty associated data for the same', () => {
    const cipher = createCipher(key)
    const without = cipher.encrypt('{}', { nonce: sealed.nonce })
    expect(cipher.decrypt({ ciphertext: without, nonce: sealed.nonce })).toBe('{}')
    expect(cipher.decrypt({ ciphertext: without, nonce: sealed.nonce, associatedData: '' })).toBe('{}')
  })

  const flipped = (index: number) => {
    const bytes = Buffer.from(ciphertext, 'base64')
    bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index)
    return bytes.toString('base64')
  }
  const length = Buffer.from(ciphertext, 'base64').length

  it.each([
    ['a flipped bit of the tag', { ciphertext: flipped(length - 1) }],
    ['a flipped bit of the text', { ciphertext: flipped(0) }],
    ['other associated data', { associatedData: 'refund' }],
    ['no associated data', { associatedData: '' }],
    ['another nonce', { nonce: 'MpigGQPjeITg' }],
    ['a short nonce', { nonce: 'MpigGQPjeIT' }],
    ['a nonce of 12 characters that are more bytes', { nonce: 'MpigGQPjeIT中' }],
    ['a nonce that is too long', { nonce: 'MpigGQPjeITf0' }],
    ['an empty text', { ciphertext: '' }],
    ['less than a tag', { ciphertext: Buffer.alloc(15).toString('base64') }],
    ['a cut text', { ciphertext: ciphertext.slice(0, -4) }],
    ['cut base64', { ciphertext: ciphertext.slice(0, -1) }],
    ['no base64', { ciphertext: '密文' }],
  ])('refuses %s', (_, change) => {
    expect(() => createCipher(key).decrypt({ ciphertext, ...sealed, ...change })).toThrow(UndecryptableError)
  })

  it.each(['MpigGQPjeIT', 'MpigGQPjeITf0', 'MpigGQPjeIT中'])('refuses what was made with a nonce that has not 12 bytes: %s', (nonce) => {
    const made = createCipher(key).encrypt('{}', { nonce })
    expect(() => createCipher(key).decrypt({ ciphertext: made, nonce })).toThrow('nonce has not 12 bytes')
  })

  it('opens an empty text, which is its tag alone', () => {
    const cipher = createCipher(key)
    expect(cipher.decrypt({ ciphertext: cipher.encrypt('', { nonce: sealed.nonce }), nonce: sealed.nonce })).toBe('')
  })

  it('refuses what was made with another key', () => {
    expect(() => createCipher('x'.repeat(32)).decrypt({ ciphertext, ...sealed })).toThrow(UndecryptableError)
  })

  it('refuses a tag of four bytes, which could be guessed', () => {
    const cipher = createCipheriv('aes-256-gcm', key, sealed.nonce, { authTagLength: 4 }).setAAD(Buffer.from(sealed.associatedData))
    const short = Buffer.concat([cipher.update('{"mchid":"1900000109"}'), cipher.final(), cipher.getAuthTag()])
    expect(() => createCipher(key).decrypt({ ciphertext: short.toString('base64'), ...sealed })).toThrow(UndecryptableError)
  })

  it.each([
    ['16 bytes', 'x'.repeat(16)],
    ['31 bytes', 'x'.repeat(31)],
    ['33 bytes', 'x'.repeat(33)],
    ['nothing', ''],
    ['32 characters that are more bytes', '密'.repeat(32)],
    ['a space at its end', `${'x'.repeat(31)} `],
  ])('is not made with a key of %s', (_, bad) => {
    expect(() => createCipher(bad)).toThrow(new RangeError('key must be exactly 32 ASCII bytes'))
  })
})
