import { createCipheriv, createDecipheriv } from 'node:crypto'
import { base62, randomText } from '../support/random.ts'

/** A sealed text as it stands in notices and in the list of certificates. */
export interface SealedResource {
  algorithm: 'AEAD_AES_256_GCM'
  /** Base64; the last 16 bytes are the tag. */
  ciphertext: string
  associated_data: string
  /** 12 characters, which are the bytes of the IV. */
  nonce: string
}

const tagBytes = 16

/** @param key - the APIv3 key: 32 characters, taken as bytes */
export function sealResource(
  key: string,
  { plaintext, associatedData, nonce = randomText(base62, 12) }: { plaintext: string; associatedData: string; nonce?: string },
): SealedResource {
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key), Buffer.from(nonce))
  cipher.setAAD(Buffer.from(associatedData))
  const sealed = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return { algorithm: 'AEAD_AES_256_GCM', ciphertext: sealed.toString('base64'), associated_data: associatedData, nonce }
}

/** @throws {Error} when key, nonce, associated data or a single bit are others than when it was sealed */
export function openResource(key: string, sealed: Omit<SealedResource, 'algorithm'>): string {
  const bytes = Buffer.from(sealed.ciphertext, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key), Buffer.from(sealed.nonce), { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(sealed.associated_data))
  decipher.setAuthTag(bytes.subarray(-tagBytes))
  return Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]).toString('utf8')
}
