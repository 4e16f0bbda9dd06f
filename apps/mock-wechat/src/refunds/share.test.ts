import { describe, expect, it } from 'vitest'
import { couponShareFen } from './share.ts'

const paid = { totalFen: 4580, couponFen: 500 }
type Earlier = { status: 'SUCCESS' | 'CLOSED'; refundFen: number; couponFen: number }
const earlier = (refundFen: number, couponFen: number, status: Earlier['status'] = 'SUCCESS'): Earlier => ({ status, refundFen, couponFen })

describe('what goes back into the coupon', () => {
  it('is nothing without a coupon', () => expect(couponShareFen({ totalFen: 4580, couponFen: 0 }, [], 1580)).toBe(0))

  it('is all of it with all of the money', () => expect(couponShareFen(paid, [], 4580)).toBe(500))

  it('is its part of a partial refund: the payer gets refund × payer_total ÷ total, rounded', () => {
    expect(couponShareFen(paid, [], 1580)).toBe(1580 - 1408) // 1580 × 4080 ÷ 4580 = 1407.51
  })

  it('is what is left for the last fen', () => expect(couponShareFen(paid, [earlier(1580, 172)], 3000)).toBe(328))

  it('forgets closed refunds', () => expect(couponShareFen(paid, [earlier(4000, 437, 'CLOSED')], 4580)).toBe(500))

  it.each([1, 2, 3, 7, 100, 499])('never gives back more of the coupon or of the cash than there is, in steps of %i fen', (step) => {
    const refunds: Earlier[] = []
    for (let left = 500; left > 0; left -= step) {
      const refundFen = Math.min(step, left)
      refunds.push(earlier(refundFen, couponShareFen({ totalFen: 500, couponFen: 333 }, refunds, refundFen)))
    }
    expect(refunds.reduce((sum, { couponFen }) => sum + couponFen, 0)).toBe(333)
    for (const { refundFen, couponFen } of refunds) {
      expect(couponFen).toBeGreaterThanOrEqual(0)
      expect(couponFen).toBeLessThanOrEqual(refundFen)
    }
  })
})
