import { describe, expect, it } from 'vitest'
import { backOffMs } from './backOff.ts'

const middle = 0.5

describe('the pause after a failure', () => {
  it('is 1, 2, 3, 5 and then always 5 seconds', () => {
    expect([1, 2, 3, 4, 5, 50].map((failures) => backOffMs(failures, middle))).toEqual([1_000, 2_000, 3_000, 5_000, 5_000, 5_000])
  })

  it('varies by 20 % each way', () => {
    expect(backOffMs(1, 0)).toBe(800)
    expect(backOffMs(1, 0.999_999)).toBe(1_200)
  })

  it('is as long as the server asked for, never shorter than our own', () => {
    expect(backOffMs(1, middle, 30_000)).toBe(30_000)
    expect(backOffMs(4, middle, 1_000)).toBe(5_000)
  })
})
