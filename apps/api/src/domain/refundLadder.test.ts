import { describe, expect, it } from 'vitest'
import { fundsGapMs, refundQueryGapMs, refundRetryGapMs } from './refundLadder.ts'

const minute = 60_000
const day = 86_400_000

/** When WeChat is asked, in minutes after it accepted, until so many. */
function askedAt(untilMinutes: number): number[] {
  const asked: number[] = []
  let at = 0
  for (let queries = 0; ; queries += 1) {
    const gapMs = refundQueryGapMs({ status: 'processing', queries, ageMs: at })
    if (gapMs === null) throw new Error('a refund that goes on is always asked about')
    at += gapMs
    if (at > untilMinutes * minute) return asked
    asked.push(at / minute)
  }
}

describe('a refund that goes on', () => {
  it('R19 is asked about each minute for five minutes, then 5, 10, 20 and 30 minutes later, then each hour', () => {
    expect(askedAt(200)).toEqual([1, 2, 3, 4, 5, 10, 20, 40, 70, 130, 190])
  })

  it('R19 is asked about every six hours after a day, for as long as it takes', () => {
    const late = askedAt(10 * 24 * 60).filter((at) => at > 25 * 60)
    expect(new Set(late.slice(1).map((at, index) => at - (late[index] ?? 0)))).toEqual(new Set([360]))
    expect(late.length).toBeGreaterThan(30)
  })

  it('R19 is asked about daily while a person has to settle it, and no more when it is over', () => {
    expect(refundQueryGapMs({ status: 'needs-attention', queries: 40, ageMs: 30 * day })).toBe(day)
    for (const status of ['submitting', 'success', 'closed', 'refused'] as const) {
      expect(refundQueryGapMs({ status, queries: 0, ageMs: 0 })).toBe(null)
    }
  })
})

describe('a refund that WeChat has not accepted', () => {
  it('is tried again ever more slowly, up to an hour', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 100].map((tries) => refundRetryGapMs(tries) / 1000)).toEqual([
      5, 15, 60, 120, 300, 600, 1800, 3600, 3600,
    ])
  })

  it('is tried again after 10 minutes up to 6 hours while the balance is too small', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 100].map((tries) => fundsGapMs(tries) / minute)).toEqual([10, 20, 40, 80, 160, 320, 360, 360])
  })
})
