import { createCipheriv, createHash } from 'node:crypto'

/**
 * AES-256-ECB under the lower-case hex MD5 of the v2 key, taken as 32 bytes; PKCS#7; base64. No tag: it is encrypted, not authenticated.
 *
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_16&index=11
 */
export function sealReqInfo(text: string, apiKeyV2: string): string {
  const cipher = createCipheriv('aes-256-ecb', createHash('md5').update(apiKeyV2).digest('hex'), null)
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]).toString('base64')
}
