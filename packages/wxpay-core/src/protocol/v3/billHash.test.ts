import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { v3 } from '../../testing/v3.ts'
import { isBillOf } from './billHash.ts'

const { csv, sha1_of_uncompressed: hash, gzip_base64 } = v3.trade_bill_all
const zipped = Buffer.from(gzip_base64, 'base64')

describe('a bill', () => {
  it('is whole when its plain bytes have the hash that WeChat told', async () => {
    expect(await isBillOf(Readable.from([Buffer.from(csv)]), hash)).toBe(true)
    expect(await isBillOf(Readable.from([zipped]).pipe(createGunzip()), hash.toUpperCase())).toBe(true)
  })

  it.each([
    ['one byte is missing', Buffer.from(csv).subarray(1), hash],
    ['it is still zipped', zipped, hash],
    ['the hash is of another', Buffer.from(csv), '0'.repeat(40)],
    ['there is no hash', Buffer.from(csv), ''],
    ['the hash is no hex', Buffer.from(csv), 'x'.repeat(40)],
  ])('is not when %s', async (_name, bytes, told) => {
    expect(await isBillOf(Readable.from([bytes]), told)).toBe(false)
  })
})
