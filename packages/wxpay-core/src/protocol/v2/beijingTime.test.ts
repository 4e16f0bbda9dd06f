import { describe, expect, it } from 'vitest'
import { fromBeijingTime, toBeijingTime } from './beijingTime.ts'

describe('a time of v2', () => {
  it.each([
    ['20260301101742', '2026-03-01T02:17:42.000Z'],
    ['20260101000000', '2025-12-31T16:00:00.000Z'],
    ['20240229235959', '2024-02-29T15:59:59.000Z'],
    ['20260701120000', '2026-07-01T04:00:00.000Z'],
  ])('%s in Beijing is %s, both ways', (text, iso) => {
    expect(fromBeijingTime(text)?.toISOString()).toBe(iso)
    expect(toBeijingTime(new Date(iso))).toBe(text)
  })

  it('is written in whole seconds, the rest left off', () => {
    expect(toBeijingTime(new Date('2026-03-01T02:17:42.999Z'))).toBe('20260301101742')
  })

  it.each([
    '',
    '2026030110174',
    '202603011017420',
    '2026-03-01T10:17',
    '20261301000000',
    '20260230000000',
    '20250229000000',
    '20260301240000',
    '00260301000000',
    '20260001000000',
    '20260100000000',
    '20260301106000',
    '20260301101760',
    ' 0260301101742',
    '２0260301101742',
  ])('"%s" is not one', (text) => {
    expect(fromBeijingTime(text)).toBeUndefined()
  })

  it('cannot be made of a date that is not valid', () => {
    expect(() => toBeijingTime(new Date(Number.NaN))).toThrow(RangeError)
  })
})
