import { expect, it } from 'vitest'
import { backoffMs } from './backoff.ts'

it('R4 backs off by doubling up to a minute, and no further however long it takes', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7, 1_000].map(backoffMs)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
})
