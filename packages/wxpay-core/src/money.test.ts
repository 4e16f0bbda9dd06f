import { describe, expect, it } from 'vitest'
import { formatYuan, normaliseYuanText, parseYuan, toFen } from './money.ts'

describe('fen', () => {
  it.each([0, 1, 5_000_000, Number.MAX_SAFE_INTEGER])('are made of %d', (amount) => {
    expect(toFen(amount)).toBe(amount)
  })

  it.each([-1, 0.5, 19.9 * 100, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER + 1])('are not made of %d', (amount) => {
    expect(() => toFen(amount)).toThrow(RangeError)
  })
})

describe('yuan, written', () => {
  it.each([
    [0, '0.00'],
    [1, '0.01'],
    [10, '0.10'],
    [100, '1.00'],
    [1250, '12.50'],
    [128_000, '1280.00'],
    [Number.MAX_SAFE_INTEGER, '90071992547409.91'],
  ])('have two decimals: %i fen are %s', (amount, text) => {
    expect(formatYuan(toFen(amount))).toBe(text)
  })
})

describe('yuan, as a person types them', () => {
  it.each([
    ['12.5', 1250],
    ['12.50', 1250],
    ['12.', 1200],
    ['12', 1200],
    ['0.01', 1],
    ['0', 0],
    ['007', 700],
    ['19.9', 1990],
    ['19.99', 1999],
    ['4.35', 435],
    ['1.1', 110],
    ['9999999.99', 999_999_999],
    ['00009999999', 999_999_900],
    ['￥１２．５０', 1250],
    ['１２。５', 1250],
    [' ¥ 12.5 元 ', 1250],
    ['1,280.00 元', 128_000],
    ['１，２８０', 128_000],
    ['1,234,567', 123_456_700],
    ['12\u3000\u00a0.5', 1250],
  ])('"%s" are %i fen', (text, amount) => {
    expect(parseYuan(text)).toEqual({ ok: true, amount })
  })

  it.each([
    ['', 'empty'],
    [' ￥元', 'empty'],
    [',', 'not-a-number'],
    ['.', 'not-a-number'],
    ['.5', 'not-a-number'],
    ['-1', 'not-a-number'],
    ['+1', 'not-a-number'],
    ['1e3', 'not-a-number'],
    ['0x10', 'not-a-number'],
    ['12.5.0', 'not-a-number'],
    ['1..2', 'not-a-number'],
    ['十二', 'not-a-number'],
    ['12a', 'not-a-number'],
    ['٣', 'not-a-number'],
    ['12,5', 'not-a-number'],
    ['12，50', 'not-a-number'],
    ['1,2800', 'not-a-number'],
    ['1,28,000', 'not-a-number'],
    ['1.280,00', 'not-a-number'],
    ['1.005', 'too-many-decimals'],
    ['1.000', 'too-many-decimals'],
    ['10000000', 'too-many-digits'],
    ['12345678901234567890', 'too-many-digits'],
  ])('"%s" is refused as %s', (text, problem) => {
    expect(parseYuan(text)).toEqual({ ok: false, problem })
  })

  it('read back what was written, for every amount up to 100 yuan', () => {
    for (let amount = 0; amount <= 10_000; amount += 1) expect(parseYuan(formatYuan(toFen(amount)))).toEqual({ ok: true, amount })
  })

  it('keep their commas, and what is not understood, until they are read', () => {
    expect(normaliseYuanText(' ￥１，２８０。５x元')).toBe('1,280.5x')
  })
})
