import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { fixture, merchant, signedFixtures } from '../../testing/fixtures.ts'
import { createSigner, type SignType } from './sign.ts'
import { readXml } from './xml.ts'

const Vector = z.strictObject({
  name: z.string(),
  key: z.string(),
  fields: z.record(z.string(), z.string()),
  MD5: z.string().optional(),
  'HMAC-SHA256': z.string().optional(),
})
const vectors = z.array(Vector).parse(JSON.parse(fixture('signatures.json').toString('utf8')))
const signTypes: readonly SignType[] = ['MD5', 'HMAC-SHA256']
const cases = vectors.flatMap(({ name, key, fields, ...signatures }) =>
  signTypes.flatMap((signType) =>
    signatures[signType] === undefined ? [] : [{ name, key, fields, signType, signature: signatures[signType] }],
  ),
)

const official = new Map(Object.entries(vectors[0]?.fields ?? {}))
const md5 = createSigner(merchant.key, 'MD5')
const hmac = createSigner(merchant.key, 'HMAC-SHA256')

function md5Of(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex').toUpperCase()
}

function signed(fields: Record<string, string>, signer = md5) {
  const map = new Map(Object.entries(fields))
  return map.set('sign', signer.sign(map))
}

describe('a v2 signature', () => {
  it.each(cases)('of the vector "$name" by $signType is as published', ({ key, fields, signType, signature }) => {
    const signer = createSigner(key, signType)
    expect(signer.sign(new Map(Object.entries(fields)))).toBe(signature)
    expect(signer.verify(new Map(Object.entries({ ...fields, sign: signature })))).toBe(true)
  })

  it('has vectors for both algorithms', () => {
    expect(cases.map(({ signType }) => signType).toSorted()).toEqual(['HMAC-SHA256', 'HMAC-SHA256', 'MD5', 'MD5'])
    expect(signedFixtures('MD5')).toHaveLength(24)
    expect(signedFixtures('HMAC-SHA256')).toHaveLength(4)
  })

  it.each(signedFixtures('MD5'))('of %s is right by MD5, and wrong by the other type and with another key', (name) => {
    const fields = readXml(fixture(name))
    expect(md5.verify(fields)).toBe(true)
    expect(hmac.verify(fields)).toBe(false)
    expect(createSigner(merchant.key.replace('42', '43'), 'MD5').verify(fields)).toBe(false)
  })

  it.each(signedFixtures('HMAC-SHA256'))('of %s is right by HMAC-SHA256, and wrong by the other type', (name) => {
    const fields = readXml(fixture(name))
    expect(hmac.verify(fields)).toBe(true)
    expect(md5.verify(fields)).toBe(false)
  })

  it('does not depend on the order in which the fields stand', () => {
    expect(md5.sign(new Map([...official].reverse()))).toBe(md5.sign(official))
  })

  it('orders names by code units: digits, capitals, "_", small letters', () => {
    const names = ['timeStamp', 'time_end', 'appid', 'appId', 'coupon_fee_10', 'coupon_fee_1', 'coupon_fee']
    expect(md5.sign(new Map(names.map((name) => [name, '1'])))).toBe(
      md5Of(`appId=1&appid=1&coupon_fee=1&coupon_fee_1=1&coupon_fee_10=1&timeStamp=1&time_end=1&key=${merchant.key}`),
    )
  })

  it('leaves out empty values and sign itself, and keeps "0" and " "', () => {
    expect(md5.sign(new Map(Object.entries({ a: '', b: '0', c: ' ', d: 'null', sign: 'X' })))).toBe(
      md5Of(`b=0&c= &d=null&key=${merchant.key}`),
    )
    expect(md5.verify(signed({ a: '', coupon_fee: '0' }))).toBe(true)
  })

  it('covers fields that nobody knows, and outer spaces', () => {
    expect(md5.verify(signed({ future_field_x: 'keep', attach: ' a ' }))).toBe(true)
    expect(md5.verify(signed({ attach: ' a ' }).set('attach', 'a'))).toBe(false)
    expect(md5.verify(signed({ attach: 'a' }).set('future_field_x', 'new'))).toBe(false)
  })

  it('is refused when it is absent, empty, cut, longer, in small letters, or not ASCII', () => {
    const fields = signed({ a: '1' })
    const right = fields.get('sign') ?? ''
    expect(md5.verify(new Map([['a', '1']]))).toBe(false)
    for (const wrong of ['', right.slice(1), `${right}0`, right.toLowerCase(), `é${right.slice(2)}`, `${right.slice(0, 31)}é`]) {
      expect(md5.verify(new Map(fields).set('sign', wrong)), wrong).toBe(false)
    }
  })

  it('is refused when the message names another sign type, even if it is right by ours', () => {
    expect(md5.verify(signed({ a: '1', sign_type: 'HMAC-SHA256' }))).toBe(false)
    expect(hmac.verify(signed({ a: '1', sign_type: 'MD5' }, hmac))).toBe(false)
    expect(hmac.verify(signed({ a: '1', sign_type: 'md5' }, hmac))).toBe(false)
    expect(hmac.verify(signed({ a: '1', sign_type: 'HMAC-SHA256' }, hmac))).toBe(true)
    expect(hmac.verify(signed({ a: '1', sign_type: '' }, hmac))).toBe(true)
  })

  it('keeps the key off everything that could be printed', () => {
    expect(Object.values(md5).filter((value) => typeof value === 'string')).toEqual(['MD5'])
  })
})
