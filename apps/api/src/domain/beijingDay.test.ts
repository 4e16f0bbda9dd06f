import { describe, expect, it } from 'vitest'
import { beijingDay, beijingDayBounds, dayAfter, dayBefore } from './beijingDay.ts'

describe('R22 a day in Beijing', () => {
  it('begins at 16:00 of the day before in UTC', () => {
    expect(beijingDay(new Date('2026-02-28T15:59:59.999Z'))).toBe('2026-02-28')
    expect(beijingDay(new Date('2026-02-28T16:00:00Z'))).toBe('2026-03-01')
    expect(beijingDayBounds('2026-03-01')).toEqual({ from: new Date('2026-02-28T16:00:00Z'), to: new Date('2026-03-01T16:00:00Z') })
  })

  it('has days beside it, over the ends of months and years', () => {
    expect([dayAfter('2026-12-31'), dayBefore('2026-03-01'), dayBefore('2028-03-01')]).toEqual(['2027-01-01', '2026-02-28', '2028-02-29'])
  })
})
