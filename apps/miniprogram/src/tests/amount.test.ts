import { describe, expect, it } from 'vitest'
import { keypadKeys, pressKey, problemToShow, readAmount, widestLimits, type Typed } from '../miniprogram/checkout/amount.ts'

const press = (keys: string): Typed =>
  Array.from(keys).reduce<Typed>(
    ({ text }, name) => {
      const key = name === '<' ? 'delete' : keypadKeys.find((known) => known === name)
      if (!key) throw new Error(`no key ${name}`)
      return pressKey(text, key)
    },
    { text: '', refused: null },
  )

describe('the keypad', () => {
  it.each([
    ['1250', '1250'],
    ['12.50', '12.50'],
    ['.5', '0.5'],
    ['007', '7'],
    ['0.07', '0.07'],
    ['12<5', '15'],
    ['<', ''],
  ])('%s gives %s', (keys, text) => {
    expect(press(keys)).toEqual({ text, refused: null })
  })

  it('refuses a third decimal, and never rounds it', () => {
    expect(press('12.505')).toEqual({ text: '12.50', refused: 'too-many-decimals' })
  })

  it('refuses an eighth digit of yuan and a second point', () => {
    expect(press('12345678')).toEqual({ text: '1234567', refused: 'above-max' })
    expect(press('1..')).toEqual({ text: '1.', refused: 'not-a-number' })
  })
})

describe('the amount', () => {
  const limits = { minAmountFen: 1, maxAmountFen: 5_000_000 }

  it.each([
    ['19.9', { ok: true, amountFen: 1990 }],
    ['50000', { ok: true, amountFen: 5_000_000 }],
    ['50000.01', { ok: false, problem: 'above-max' }],
    ['0.00', { ok: false, problem: 'below-min' }],
    ['', { ok: false, problem: 'empty' }],
    ['99999999', { ok: false, problem: 'above-max' }],
  ])('%j is %o', (text, expected) => {
    expect(readAmount(text, limits)).toEqual(expected)
  })

  it.each(['', '0', '0.', '0.0'])('%j is on the way to an amount, not wrong yet', (text) => {
    expect(problemToShow({ text, refused: null }, limits)).toBeNull()
  })

  it('says what is wrong once it is', () => {
    expect(problemToShow({ text: '0.00', refused: null }, limits)).toBe('below-min')
    expect(problemToShow({ text: '12.50', refused: 'too-many-decimals' }, limits)).toBe('too-many-decimals')
    expect(problemToShow({ text: '50001', refused: null }, limits)).toBe('above-max')
    expect(problemToShow({ text: '50001', refused: null }, widestLimits)).toBeNull()
  })
})
