import { describe, expect, it } from 'vitest'
import { CheckoutParams, Description, openCheckoutBody, StartPaymentBody, StatusQuery } from './checkouts.ts'

const Body = openCheckoutBody(5_000_000)
const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) => schema.safeParse(value).success

describe('the description of a checkout', () => {
  it.each([
    ['one character', 'a'],
    ['Chinese', '青禾书店-《海图》'],
    ['127 bytes of ASCII', 'a'.repeat(127)],
    ['126 bytes of Chinese', '书'.repeat(42)],
    ['what XML escapes', '<a> & "b" ]]>'],
    ['inner spaces', 'a b\u3000c'],
  ])('may be %s', (_, text) => {
    expect(Description.parse(text)).toBe(text)
  })

  it.each([
    ['empty', ''],
    ['128 bytes of ASCII', 'a'.repeat(128)],
    ['129 bytes of Chinese', '书'.repeat(43)],
    ['a line', 'a\nb'],
    ['a tab', 'a\tb'],
    ['NUL', 'a\u0000'],
    ['a control character of Latin-1', 'a\u0085b'],
    ['DEL', 'a\u007fb'],
    ['an emoji', '书😀'],
    ['a rare character of four bytes', '𠮷野家'],
    ['half a character', '书\ud83d'],
    ['the other half', '\ude00书'],
    ['U+FFFE', 'a\ufffe'],
    ['a space in front', ' a'],
    ['a space behind', 'a '],
    ['a number', 1],
    ['null', null],
  ])('may not be %s', (_, text) => {
    expect(accepts(Description, text)).toBe(false)
  })
})

describe('the body that opens a checkout', () => {
  it.each([1, 100, 5_000_000])('takes %i fen', (amountFen) => {
    expect(Body.parse({ amountFen })).toEqual({ amountFen, tradeType: 'native' })
  })

  it.each([0, -1, 0.5, 5_000_001, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '100', null, undefined, true, [100], {}])(
    'does not take %o for an amount',
    (amountFen) => {
      expect(accepts(Body, { amountFen })).toBe(false)
    },
  )

  it.each(['native', 'jsapi', 'h5'])('takes %s for a way of paying', (tradeType) => {
    expect(Body.parse({ amountFen: 1, tradeType })).toEqual({ amountFen: 1, tradeType })
  })

  it.each(['NATIVE', 'MWEB', '', null])('does not take %o for a way of paying', (tradeType) => {
    expect(accepts(Body, { amountFen: 1, tradeType })).toBe(false)
  })

  it('refuses a field that it does not know, an openid too', () => {
    expect(accepts(Body, { amountFen: 1, tradeType: 'jsapi', openId: 'oDocs5aX1tVbQ9rLkEwZ3yPn7mUc' })).toBe(false)
    expect(accepts(Body, { amountFen: 1, amountYuan: 1 })).toBe(false)
  })

  it('names every problem at once', () => {
    const problems = Body.safeParse({ amountFen: 0, description: '', extra: 1 }).error?.issues.map(({ path }) => path.join('.'))
    expect(problems?.toSorted()).toEqual(['', 'amountFen', 'description'])
  })
})

describe('the body that starts a payment', () => {
  it('names a trade type that exists', () => {
    for (const tradeType of ['native', 'jsapi', 'h5']) expect(StartPaymentBody.parse({ tradeType })).toEqual({ tradeType })
    for (const tradeType of ['NATIVE', 'mini-program', '', undefined]) expect(accepts(StartPaymentBody, { tradeType })).toBe(false)
  })
})

describe('the query of a status', () => {
  it.each([
    [{}, {}],
    [{ version: '0' }, { version: 0 }],
    [
      { version: '12', wait: '25' },
      { version: 12, wait: 25 },
    ],
    [{ wait: '0' }, { wait: 0 }],
  ])('%o is read', (query, expected) => {
    expect(StatusQuery.parse(query)).toEqual(expected)
  })

  it.each([
    { wait: 'abc' },
    { wait: '26' },
    { wait: '-1' },
    { wait: '1.5' },
    { wait: '' },
    { wait: '1e1' },
    { wait: ['1', '2'] },
    { version: 'x' },
    { version: '1234567890' },
    { other: '1' },
  ])('%o is refused', (query) => {
    expect(accepts(StatusQuery, query)).toBe(false)
  })
})

describe('a token', () => {
  it('is 22 to 64 characters of base64url', () => {
    expect(accepts(CheckoutParams, { token: 'A-_09abcdefghijklmnopq' })).toBe(true)
    for (const token of ['', 'a'.repeat(21), 'a'.repeat(65), `${'a'.repeat(21)}/`, `${'a'.repeat(22)}\n`])
      expect(accepts(CheckoutParams, { token })).toBe(false)
  })
})
