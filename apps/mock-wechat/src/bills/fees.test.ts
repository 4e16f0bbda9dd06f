import { describe, expect, it } from 'vitest'
import { feeBackOf, feeOf, rateText } from './fees.ts'

describe('a fee', () => {
  it.each([
    [2990, 60, 18],
    [4580, 60, 27],
    [1, 60, 0],
    [83, 60, 0],
    [84, 60, 1],
    [10_000, 100, 100],
  ])('of %i fen at %i hundredths of a percent is %i fen', (fen, rate, fee) => {
    expect(feeOf(fen, rate)).toBe(fee)
  })

  it('comes back pro rata', () => {
    expect(feeBackOf({ totalFen: 2990, feeFen: 18, earlierFen: 0, refundFen: 990 })).toBe(6)
  })

  it('comes back whole with the whole payment, in however many parts', () => {
    const [totalFen, parts] = [168, 50]
    const feeFen = feeOf(totalFen, 60)
    let [earlierFen, back] = [0, 0]
    for (let part = 1; part <= parts; part += 1) {
      const refundFen = part === parts ? totalFen - earlierFen : 3
      back += feeBackOf({ totalFen, feeFen, earlierFen, refundFen })
      earlierFen += refundFen
    }
    expect(back).toBe(feeFen)
  })

  it('says its rate with two decimals', () => {
    expect([rateText(60), rateText(100), rateText(38)]).toEqual(['0.60%', '1.00%', '0.38%'])
  })
})
