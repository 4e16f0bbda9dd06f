import { hash, timingSafeEqual } from 'node:crypto'

/**
 * The signature of a message push: SHA-1 (lower-case hex) over the items, sorted as text and joined with nothing between them. Three items
 * (token, timestamp, nonce) for the check of the server's address and for plain messages; the ciphertext as a fourth for encrypted ones,
 * where the three prove nothing about the body.
 *
 * @see https://developers.weixin.qq.com/doc/offiaccount/Basic_Information/Access_Overview.html
 */
export function messageSignature(...items: string[]): string {
  return hash('sha1', items.toSorted(inByteOrder).join(''), 'hex')
}

/** In constant time. @param signature - as it came */
export function isMessageSignature(signature: string, ...items: string[]): boolean {
  const ours = Buffer.from(messageSignature(...items), 'utf8')
  const theirs = Buffer.from(signature, 'utf8')
  return ours.length === theirs.length && timingSafeEqual(ours, theirs)
}

function inByteOrder(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one, 'utf8'), Buffer.from(other, 'utf8'))
}
