import { describe, expect, it } from 'vitest'
import { readRatePpm } from './feeRate.ts'

describe('R21 the rate of a fee', () => {
  it.each<[string, number | null]>([
    ['0.60%', 6_000],
    ['0.6%', 6_000],
    ['0.00%', 0],
    ['1%', 10_000],
    ['0.3800%', 3_800],
    ['', null],
    ['0.006', null],
    ['-0.60%', null],
    ['0.60 %', null],
    ['101%', null],
  ])('%j is %s millionths', (text, ppm) => {
    expect(readRatePpm(text)).toBe(ppm)
  })
})
