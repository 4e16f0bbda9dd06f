import { describe, expect, it } from 'vitest'
import { LoginBody } from './miniProgram.ts'
import { ProductParams, productBody } from './products.ts'

const Body = productBody(5_000_000)
const book = { name: '青禾书店-《海图》', priceFen: 4580, active: true }
const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) => schema.safeParse(value).success

describe('a product', () => {
  it('has a name that WeChat shows, a price in fen and a state', () => {
    expect(Body.parse(book)).toEqual(book)
    expect(Body.parse({ ...book, active: false })).toMatchObject({ active: false })
  })

  it.each([
    ['no name', { name: '' }],
    ['a name with an emoji', { name: '书😀' }],
    ['a name of 128 bytes', { name: 'a'.repeat(128) }],
    ['no price', { priceFen: 0 }],
    ['a price in yuan', { priceFen: 45.8 }],
    ['a price that is text', { priceFen: '4580' }],
    ['a price above the limit', { priceFen: 5_000_001 }],
    ['no state', { active: undefined }],
    ['a field that nobody knows', { productId: 'BOOK-0042' }],
  ])('is refused with %s', (_what, change) => {
    expect(accepts(Body, { ...book, ...change })).toBe(false)
  })

  it('has a number of letters, digits, _ and -', () => {
    expect(accepts(ProductParams, { productId: 'BOOK-0042_a' })).toBe(true)
    for (const productId of ['', 'x'.repeat(33), 'a&b', 'a=b', 'a b', '图', 'a\n', '../a'])
      expect(accepts(ProductParams, { productId })).toBe(false)
  })
})

describe('the body of a login', () => {
  it('has the code of wx.login and nothing else, an openid least of all', () => {
    expect(accepts(LoginBody, { code: '0a3xYz' })).toBe(true)
    for (const body of [{}, { code: '' }, { code: 'a b' }, { code: 'x'.repeat(513) }, { code: 1 }, { code: 'a', openId: 'o' }])
      expect(accepts(LoginBody, body)).toBe(false)
  })
})
