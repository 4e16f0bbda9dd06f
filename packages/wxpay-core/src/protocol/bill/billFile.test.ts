import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { collect, pieces } from '../../testing/bills.ts'
import { errorOf } from '../../testing/errorOf.ts'
import { v3 } from '../../testing/v3.ts'
import { WechatUnknownOutcomeError } from '../errors.ts'
import type { BillFile } from '../port.ts'
import { begin, billFileOf } from './billFile.ts'

const { csv, sha1_of_uncompressed: sha1, gzip_base64 } = v3.trade_bill_all
const zipped = Buffer.from(gzip_base64, 'base64')

const fileOf = async (bytes: Buffer | string, told: string | null = sha1, size = 7): Promise<BillFile> =>
  billFileOf('/v3/billdownload/file', await begin(pieces(bytes, size)), told)
const textOf = async (file: BillFile) => Buffer.concat(await collect(file.plain)).toString('utf8')

describe('R21 the bytes of a bill', () => {
  it.each([1, 2, 3, 100_000])('come without their gzip, in pieces of %i, and have the hash that was told', async (size) => {
    for (const bytes of [zipped, csv]) {
      const file = await fileOf(bytes, sha1.toUpperCase(), size)
      expect(file.isWhole()).toBe(false) // nothing is known before the end
      expect(await textOf(file)).toBe(csv)
      expect(file.isWhole()).toBe(true)
    }
  })

  it.each([
    ['one byte is missing', Buffer.from(csv).subarray(1), sha1],
    ['one byte is another', Buffer.from(csv.replace('29.90', '29.91')), sha1],
    ['the hash is of the gzip', zipped, createHash('sha1').update(zipped).digest('hex')],
    ['the hash is of another', zipped, '0'.repeat(40)],
  ])('are not whole when %s', async (_case, bytes, told) => {
    const file = await fileOf(bytes, told)
    await textOf(file)
    expect(file.isWhole()).toBe(false)
  })

  it('are of no known wholeness where WeChat told no hash', async () => {
    const file = await fileOf(zipped, null)
    expect(await textOf(file)).toBe(csv)
    expect(file).toMatchObject({ sha1: null })
    expect(file.isWhole()).toBeNull()
  })

  it.each([
    ['cut off', zipped.subarray(0, -20)],
    ['changed', Buffer.concat([zipped.subarray(0, 60), Buffer.from([zipped.readUInt8(60) ^ 0xff]), zipped.subarray(61)])],
    ['only begun', zipped.subarray(0, 2)],
  ])('are an unknown outcome when the gzip is %s', async (_case, bytes) => {
    const file = await fileOf(bytes)
    expect(await errorOf(collect(file.plain))).toBeInstanceOf(WechatUnknownOutcomeError)
    expect(file.isWhole()).toBe(false)
  })

  it('are an unknown outcome when there are more of them than any bill has', async () => {
    const begun = await begin(pieces(gzipSync(Buffer.alloc(1_000_000))))
    expect(await errorOf(collect(billFileOf('/pay/downloadbill', begun, null, 500_000).plain))).toBeInstanceOf(WechatUnknownOutcomeError)
  })

  it('end the connection when the reader leaves early', async () => {
    let isLeft = false
    async function* endless(): AsyncGenerator<Uint8Array> {
      const bytes = gzipSync(Buffer.alloc(1_000_000))
      try {
        yield bytes.subarray(0, 500)
        for (;;) {
          await Promise.resolve()
          yield bytes.subarray(500)
        }
      } finally {
        isLeft = true
      }
    }
    for (const one of [endless()]) {
      const { plain } = billFileOf('/pay/downloadbill', await begin(one), null)
      for await (const chunk of plain) if (chunk.length > 0) break
    }
    await expect.poll(() => isLeft).toBe(true)
  })
})
