import { createHash, timingSafeEqual } from 'node:crypto'

/**
 * Whether a bill is whole: its SHA-1 is over the plain bytes, after the gzip was taken off. A bill's answer is not signed; this value is
 * told in the signed answer that named the address of the bill.
 *
 * @param plain - the bytes of the file, consumed to their end
 * @param hashValue - hex, in either case
 * @see https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter3_1_6.shtml
 */
export async function isBillOf(plain: AsyncIterable<Uint8Array>, hashValue: string): Promise<boolean> {
  const hash = createHash('sha1')
  for await (const chunk of plain) hash.update(chunk)
  const told = Buffer.from(hashValue, 'hex')
  const actual = hash.digest()
  return told.length === actual.length && timingSafeEqual(told, actual)
}
