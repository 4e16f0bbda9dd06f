import { createCipheriv, createDecipheriv } from 'node:crypto'
import { base62, randomText } from '../../support/random.ts'

/** PKCS#7 with a block of 32, though AES has blocks of 16: libraries that pad by themselves get it wrong. */
const blockBytes = 32
const randomBytes = 16
const lengthBytes = 4

/** 43 characters and the one `=` that is missing. */
const keyOf = (aesKey: string): Buffer => Buffer.from(`${aesKey}=`, 'base64')

export interface Sealed {
  message: string
  appid: string
  aesKey: string
  /** 16 characters; made up when absent. */
  random?: string
  /** Writes a count into the last byte that no padding has. */
  badPadding?: boolean
}

/**
 * AES-256-CBC over 16 random bytes, the length, the message and the appid.
 *
 * @see https://developers.weixin.qq.com/doc/oplatform/Third-party_Platforms/2.0/api/Before_Develop/Technical_Plan.html
 * @returns base64 on one line
 */
export function encrypt({ message, appid, aesKey, random = randomText(base62, randomBytes), badPadding = false }: Sealed): string {
  const text = Buffer.from(message)
  const length = Buffer.alloc(lengthBytes)
  length.writeUInt32BE(text.length)
  const clear = Buffer.concat([Buffer.from(random), length, text, Buffer.from(appid)])
  const count = blockBytes - (clear.length % blockBytes)
  const padding = Buffer.alloc(count, count)
  if (badPadding) padding[count - 1] = blockBytes + 1
  const key = keyOf(aesKey)
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
  return Buffer.concat([cipher.update(Buffer.concat([clear, padding])), cipher.final()]).toString('base64')
}

/** @throws {Error} when key, padding or length do not fit */
export function decrypt(encrypted: string, aesKey: string): { message: string; appid: string } {
  const key = keyOf(aesKey)
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
  const padded = Buffer.concat([decipher.update(Buffer.from(encrypted, 'base64')), decipher.final()])
  const count = padded.at(-1) ?? 0
  const clear = padded.subarray(0, padded.length - count)
  const isPadded = count >= 1 && count <= blockBytes && padded.subarray(clear.length).every((byte) => byte === count)
  if (!isPadded || clear.length < randomBytes + lengthBytes) throw new Error('the padding is wrong')
  const start = randomBytes + lengthBytes
  const end = start + clear.readUInt32BE(randomBytes)
  if (end > clear.length) throw new Error('the length is wrong')
  return { message: clear.subarray(start, end).toString('utf8'), appid: clear.subarray(end).toString('utf8') }
}
