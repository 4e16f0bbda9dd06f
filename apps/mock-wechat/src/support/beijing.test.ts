import { describe, expect, it } from 'vitest'
import { formatBeijing, parseBeijing } from './beijing.ts'

describe('Beijing time', () => {
  it('is eight hours ahead of UTC, whatever zone the machine runs in', () => {
    expect(formatBeijing(Date.UTC(2026, 2, 1, 2, 15, 0))).toBe('20260301101500')
    expect(parseBeijing('20260301101500')).toBe(Date.UTC(2026, 2, 1, 2, 15, 0))
    expect(formatBeijing(Date.UTC(2026, 11, 31, 16, 0, 0))).toBe('20270101000000')
  })

  it.each(['20260230000000', '20261301000000', '20260101240000', '2026030110150', 'abcdefghijklmn', ''])('has no moment %j', (text) => {
    expect(parseBeijing(text)).toBeUndefined()
  })
})
