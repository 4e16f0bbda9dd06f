import { describe, expect, it } from 'vitest'
import { median, quantile } from './statistics.ts'

describe('the median', () => {
  it.each([
    [[7], 7],
    [[9, 1, 5], 5],
    [[10, 1, 4, 2], 3],
    [[1, 1, 1, 1000], 1],
  ])('of %j is %d, whatever the order and however far out a value lies', (values, expected) => {
    expect(median(values)).toBe(expected)
  })

  it('leaves the values as they were', () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).toEqual([3, 1, 2])
  })

  it('of nothing is refused', () => {
    expect(() => median([])).toThrow(RangeError)
  })
})

describe('a quantile', () => {
  it.each([
    [0, 0],
    [0.25, 25],
    [0.99, 99],
    [1, 100],
  ])('of 0 to 100 at %d is %d', (share, expected) => {
    expect(quantile([...Array(101).keys()], share)).toBeCloseTo(expected)
  })
})
