import { describe, expect, it } from 'vitest'
import { dayOf, readDay, readyAt, standingOf } from './day.ts'

const at = (text: string) => Date.parse(`${text}+08:00`)
const day = (text: string) => readDay(text) ?? dayOf(NaN)

describe('a day of a bill', () => {
  it('is a day in Beijing, whatever zone the machine runs in', () => {
    expect(readDay('2026-03-01')).toEqual({ date: '2026-03-01', startAt: at('2026-03-01T00:00:00'), endAt: at('2026-03-02T00:00:00') })
    expect(readDay('20260301')).toEqual(readDay('2026-03-01'))
    expect(dayOf(at('2026-03-01T23:59:59')).date).toBe('2026-03-01')
    expect(dayOf(at('2026-03-02T00:00:00')).date).toBe('2026-03-02')
  })

  it.each(['2026-02-30', '20261301', '2026-3-1', '260301', ''])('is not %j', (text) => {
    expect(readDay(text)).toBeUndefined()
  })

  it('is billed at nine of the next morning', () => {
    expect(readyAt(day('2026-03-01'))).toBe(at('2026-03-02T09:00:00'))
    expect(standingOf(day('2026-03-01'), at('2026-03-02T08:59:59'))).toBe('creating')
    expect(standingOf(day('2026-03-01'), at('2026-03-02T09:00:00'))).toBe('ready')
  })

  it.each([
    ['2026-03-02', 'refused'],
    ['2026-03-03', 'refused'],
    ['2026-02-28', 'ready'],
    ['2025-12-02', 'ready'],
    ['2025-12-01', 'refused'],
  ])('asked for on the 2nd of March 2026, %s is %s', (date, standing) => {
    expect(standingOf(day(date), at('2026-03-02T12:00:00'))).toBe(standing)
  })

  it('is kept from the last day of a shorter month', () => {
    expect(standingOf(day('2026-02-28'), at('2026-05-31T12:00:00'))).toBe('ready')
    expect(standingOf(day('2026-02-27'), at('2026-05-31T12:00:00'))).toBe('refused')
  })
})
