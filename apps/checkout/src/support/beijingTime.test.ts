import { describe, expect, it } from 'vitest'
import { formatBeijingClock, formatBeijingTime } from './beijingTime.ts'

const newYear = new Date('2026-12-31T16:00:05Z')

describe('Beijing time', () => {
  it('is eight hours ahead of UTC, wherever the page is open', () => {
    expect(formatBeijingTime(newYear, 'zh-CN')).toBe('2027年1月1日 00:00:05')
    expect(formatBeijingTime(newYear, 'en')).toMatch(/Jan 1, 2027.*00:00:05/)
  })

  it('has 24 hours on its clock, and midnight is 00', () => {
    expect(formatBeijingClock(newYear, 'en')).toBe('00:00:05')
    expect(formatBeijingClock(new Date('2026-12-31T15:59:59Z'), 'zh-CN')).toBe('23:59:59')
  })
})
