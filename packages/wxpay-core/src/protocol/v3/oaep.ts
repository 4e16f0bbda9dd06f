import { constants, privateDecrypt, publicEncrypt, type KeyObject } from 'node:crypto'

/**
 * Sensitive fields: RSA-OAEP with SHA-1 for the digest and for MGF1, empty label, base64. SHA-1 is WeChat's choice, and safe here.
 *
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4013053257
 */
const scheme = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' } as const

/**
 * Encrypts for WeChat; the request names the key in Wechatpay-Serial.
 *
 * @param text - at most 214 bytes of UTF-8 for a key of 2048 bits
 * @throws {RangeError} when it is longer
 */
export function encryptField(text: string, publicKey: KeyObject): string {
  const bytes = Buffer.from(text, 'utf8')
  const most = (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8 - 42 // two SHA-1 digests and two bytes
  if (bytes.length > most) throw new RangeError(`the text must have at most ${most} bytes`)
  return publicEncrypt({ key: publicKey, ...scheme }, bytes).toString('base64')
}

/** Decrypts what WeChat has encrypted for the merchant certificate. @throws {Error} when it is for another key, or was changed */
export function decryptField(ciphertext: string, privateKey: KeyObject): string {
  return privateDecrypt({ key: privateKey, ...scheme }, Buffer.from(ciphertext, 'base64')).toString('utf8')
}
