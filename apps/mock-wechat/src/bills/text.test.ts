import { describe, expect, it } from 'vitest'
import { billTime, customText, dataLine, feeYuan, yuan } from './text.ts'

describe('the text of a bill', () => {
  it.each([
    [0, '0.00'],
    [1, '0.01'],
    [-6, '-0.06'],
    [100, '1.00'],
    [2990, '29.90'],
    [-123_456, '-1234.56'],
  ])('%i fen are %s yuan', (fen, text) => {
    expect(yuan(fen)).toBe(text)
    expect(feeYuan(fen)).toBe(`${text}000`)
  })

  it('tells the time in Beijing', () => {
    expect(billTime(Date.UTC(2026, 0, 1, 0, 5, 12))).toBe('2026-01-01 08:05:12')
  })

  it('keeps text of merchants on one line: v3 without commas, v2 with them', () => {
    const text = 'a,b\r\nc\u0001d`e'
    expect(customText(text, { commas: 'escaped' })).toBe(String.raw`a\ b\r\nc d${'`'}e`)
    expect(customText(text, { commas: 'raw' })).toBe(String.raw`a,b\r\nc d${'`'}e`)
  })

  it('puts a backtick before every value, empty ones too', () => {
    expect(dataLine(['a', '', 'c'])).toBe('`a,`,`c')
  })
})
