import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Fields } from './xml.ts'

export const signTypes = ['MD5', 'HMAC-SHA256'] as const
export type SignType = (typeof signTypes)[number]

/**
 * What is signed, without the key: every field but `sign` and the empty ones, by ASCII order of the names, raw values.
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=4_3
 */
export function signedText(fields: Fields): string {
  return [...fields]
    .filter(([name, value]) => name !== 'sign' && value !== '')
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

export function sign(fields: Fields, key: string, type: SignType): string {
  const hash = type === 'MD5' ? createHash('md5') : createHmac('sha256', key)
  return hash
    .update(`${signedText(fields)}&key=${key}`, 'utf8')
    .digest('hex')
    .toUpperCase()
}

export function isSigned(fields: Fields, key: string, type: SignType): boolean {
  const ours = Buffer.from(sign(fields, key, type))
  const theirs = Buffer.from(fields.get('sign') ?? '')
  return ours.length === theirs.length && timingSafeEqual(ours, theirs)
}
