import { describe, expect, it } from 'vitest'
import { checkClock } from './checkClock.ts'

describe('the clock', () => {
  it.each([
    [0, 'ok'],
    [29_999, 'ok'],
    [30_000, 'warning'],
    [-30_000, 'warning'],
    [299_999, 'warning'],
    [300_000, 'fault'],
    [-300_000, 'fault'],
  ])('R22 is %i ms off: %s', (skewMs, state) => {
    expect(checkClock([skewMs]).state).toBe(state)
  })

  it('is judged by the answer that differs most', () => {
    expect(checkClock([400, -45_000, 900])).toMatchObject({ state: 'warning', detail: "45 s behind WeChat's" })
    expect(checkClock([3_600_000, 0]).detail).toContain("60 min ahead of WeChat's")
  })

  it('is in doubt when no answer told the time', () => {
    expect(checkClock([])).toMatchObject({ state: 'warning' })
  })
})
