import { describe, expect, it } from 'vitest'
import { keypadKeyOf, pressKey, readAmount, tidyAmountText, widestLimits, type KeypadKey } from './amount.ts'

const limits = { minAmountFen: 1, maxAmountFen: 5_000_000 }

describe('the amount field', () => {
  it.each([
    ['12.5', 1250],
    ['19.9', 1990],
    ['0.01', 1],
    ['50000', 5_000_000],
    ['１２．５０', 1250],
    ['￥ 8。8 元', 880],
  ])('reads %s as %i fen', (text, fen) => {
    expect(readAmount(text, limits)).toEqual({ ok: true, amount: fen })
  })

  it.each([
    ['', 'empty'],
    ['0', 'below-min'],
    ['0.00', 'below-min'],
    ['50000.01', 'above-max'],
    ['12345678', 'above-max'],
    ['1.005', 'too-many-decimals'],
    ['-1', 'not-a-number'],
    ['1e3', 'not-a-number'],
    ['.', 'not-a-number'],
  ])('refuses %o: %s', (text, problem) => {
    expect(readAmount(text, limits)).toEqual({ ok: false, problem })
  })

  it('has an end of its own until the shop has told its limit', () => {
    expect(readAmount('9999999.99', widestLimits)).toMatchObject({ ok: true })
  })

  it.each([
    ['007', '7'],
    ['00.5', '0.5'],
    ['.5', '0.5'],
    ['１２。５', '12.5'],
    ['12.345', '12.345'],
  ])('keeps %s as %s while it is typed', (typed, kept) => {
    expect(tidyAmountText(typed)).toBe(kept)
  })
})

describe('the keypad', () => {
  const type = (keys: KeypadKey[]) => keys.reduce((text, key) => pressKey(text, key).text, '')

  it('types an amount', () => {
    expect(type(['1', '2', '.', '5', '0'])).toBe('12.50')
  })

  it('collapses a leading zero, and puts one before a point', () => {
    expect(type(['0', '0', '7'])).toBe('7')
    expect(type(['.', '5'])).toBe('0.5')
  })

  it.each<[string, KeypadKey, string]>([
    ['12.50', '5', 'too-many-decimals'],
    ['12.5', '.', 'not-a-number'],
    ['1234567', '8', 'above-max'],
  ])('refuses after %s the key %s, changes nothing, and says why', (text, key, refused) => {
    expect(pressKey(text, key)).toEqual({ text, refused })
  })

  it('deletes, and deletes nothing from nothing', () => {
    expect(pressKey('12.', 'delete').text).toBe('12')
    expect(pressKey('', 'delete').text).toBe('')
  })

  it.each([
    ['7', '7'],
    ['.', '.'],
    ['Backspace', 'delete'],
    ['a', null],
    ['delete', 'delete'],
    ['Enter', null],
  ])('hears the key %s of a keyboard as %s', (name, key) => {
    expect(keypadKeyOf(name)).toBe(key)
  })
})
