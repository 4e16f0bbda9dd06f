import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto'

export interface Sealed {
  /** Base64, the tag of 16 bytes at its end. */
  ciphertext: string
  /** 12 bytes in UTF-8. */
  nonce: string
  /** Authenticated with the text; absent or "" when there is none. */
  associatedData?: string | undefined
}

/** A text was not encrypted with this key, this nonce and this associated data, or was changed. */
export class UndecryptableError extends Error {
  override readonly name = 'UndecryptableError'
}

export interface Cipher {
  /** @throws {UndecryptableError} */
  decrypt(sealed: Sealed): string
  /** For who stands on WeChat's side: tests and tools. A nonce must never come twice. */
  encrypt(text: string, sealedWith: { nonce: string; associatedData?: string }): string
}

const algorithm = 'aes-256-gcm'
const tagBytes = 16
const nonceBytes = 12

/**
 * AES-256-GCM with the API v3 key, what WeChat calls AEAD_AES_256_GCM. The key stays in the closure.
 *
 * @param key - exactly 32 ASCII bytes, as set in the merchant platform
 * @throws {RangeError} when it is not
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012071382
 */
export function createCipher(key: string): Cipher {
  if (!/^[\x21-\x7e]{32}$/.test(key)) throw new RangeError('key must be exactly 32 ASCII bytes')
  const secret = createSecretKey(key, 'ascii')

  return {
    decrypt({ ciphertext, nonce, associatedData = '' }) {
      const sealed = Buffer.from(ciphertext, 'base64')
      if (Buffer.byteLength(nonce, 'utf8') !== nonceBytes) throw new UndecryptableError(`nonce has not ${nonceBytes} bytes`)
      if (sealed.length < tagBytes) throw new UndecryptableError('ciphertext is shorter than its tag')
      const end = sealed.length - tagBytes
      const decipher = createDecipheriv(algorithm, secret, nonce, { authTagLength: tagBytes }) // shorter tags are forged easily
      if (associatedData !== '') decipher.setAAD(Buffer.from(associatedData, 'utf8'))
      decipher.setAuthTag(sealed.subarray(end))
      const text = decipher.update(sealed.subarray(0, end))
      try {
        decipher.final() // checks the tag: before it nothing is trusted. In this mode it has no text of its own.
      } catch (cause) {
        throw new UndecryptableError('the tag is not right', { cause })
      }
      return text.toString('utf8')
    },
    encrypt(text, { nonce, associatedData = '' }) {
      const cipher = createCipheriv(algorithm, secret, nonce, { authTagLength: tagBytes })
      if (associatedData !== '') cipher.setAAD(Buffer.from(associatedData, 'utf8'))
      return Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64')
    },
  }
}
