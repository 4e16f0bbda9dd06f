import { expect, it } from 'vitest'
import { createSkewWatch } from './clockSkew.ts'

function watch() {
  const at = { now: Date.parse('2026-03-01T02:15:00Z') }
  const told: { skews: number[]; warnings: number[] } = { skews: [], warnings: [] }
  const tell = createSkewWatch({ now: () => at.now, skew: (ms) => void told.skews.push(ms), warn: (ms) => void told.warnings.push(ms) })
  return { at, told, answerFrom: (aheadMs: number) => tell(at.now - aheadMs) }
}

it.each([30_000, -30_000, 3_600_000])('R22 warns when our clock is %i ms ahead of WeChat’s', (aheadMs) => {
  const { told, answerFrom } = watch()
  answerFrom(aheadMs)
  expect(told).toEqual({ skews: [aheadMs], warnings: [aheadMs] })
})

it.each([0, 999, 29_999, -29_999])('R22 does not for %i ms, and counts it all the same', (aheadMs) => {
  const { told, answerFrom } = watch()
  answerFrom(aheadMs)
  expect(told).toEqual({ skews: [aheadMs], warnings: [] })
})

it('R22 warns once in ten minutes', () => {
  const { at, told, answerFrom } = watch()
  for (let i = 0; i < 60; i += 1) {
    answerFrom(40_000)
    at.now += 20_000
  }
  expect(told.warnings).toHaveLength(2)
})
