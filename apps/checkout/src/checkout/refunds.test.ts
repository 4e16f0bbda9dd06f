import type { CheckoutRefund, CheckoutView } from 'wxpay-core/contract'
import { describe, expect, it } from 'vitest'
import { closedView, paidView, pendingView } from '../testing/views.ts'
import { awaitsRefund, keptFen, refundWords, strayMoneyWords } from './refunds.ts'

const refund = (amountFen: number, state: CheckoutRefund['state'], of: CheckoutRefund['of'] = 'order'): CheckoutRefund => ({
  amountFen,
  state,
  of,
  at: '2026-11-21T02:56:14.000Z',
})
const paid = (...refunds: CheckoutRefund[]): CheckoutView => ({ ...paidView, refunds })
const twice = (...refunds: CheckoutRefund[]): CheckoutView => ({ ...paid(...refunds), problem: { code: 'paid_twice' } })
const late = (...refunds: CheckoutRefund[]): CheckoutView => ({ ...closedView, refunds, problem: { code: 'paid_late' } })

describe('money that goes back', () => {
  it('lessens what was kept of the order while it is on its way and when it has gone, not when it failed', () => {
    expect(keptFen(paid())).toBe(1250)
    expect(keptFen(paid(refund(250, 'pending'), refund(500, 'done'), refund(100, 'failed')))).toBe(500)
    expect(keptFen(twice(refund(1250, 'done', 'second-payment')))).toBe(1250)
  })

  it('is waited for while any of it is on its way', () => {
    expect(awaitsRefund(null)).toBe(false)
    expect(awaitsRefund(paid(refund(1, 'done'), refund(1, 'failed')))).toBe(false)
    expect(awaitsRefund(paid(refund(1, 'done'), refund(1, 'pending')))).toBe(true)
  })

  it('of the order is told on the card: what is on its way first', () => {
    expect(refundWords(paid())).toBeNull()
    expect(refundWords(paid(refund(9, 'failed')))).toBeNull()
    expect(refundWords(paid(refund(250, 'done'), refund(50, 'done')))).toEqual({ key: 'refundDoneNote', fen: 300 })
    expect(refundWords(paid(refund(250, 'done'), refund(50, 'pending')))).toEqual({ key: 'refundPendingNote', fen: 50 })
    expect(refundWords(twice(refund(1250, 'done', 'second-payment')))).toBeNull()
  })
})

describe('money that an order has no use for', () => {
  it('is none of an ordinary order', () => {
    for (const view of [pendingView, paidView, closedView, paid(refund(1250, 'done'))]) expect(strayMoneyWords(view)).toBeNull()
  })

  it.each([
    ['a second payment', twice, 'second-payment', 'problemPaidTwiceKept', 'problemPaidTwice', 'problemPaidTwiceReturned'],
    ['a late payment', late, 'late-payment', 'problemPaidLate', 'problemPaidLateReturning', 'problemPaidLateReturned'],
  ] as const)('%s is with the shop, on its way back, or back', (_what, view, of, kept, returning, returned) => {
    expect(strayMoneyWords(view())).toBe(kept)
    expect(strayMoneyWords(view(refund(1250, 'failed', of)))).toBe(kept)
    expect(strayMoneyWords(view(refund(1250, 'done', 'order')))).toBe(kept)
    expect(strayMoneyWords(view(refund(1249, 'done', of)))).toBe(kept)
    expect(strayMoneyWords(view(refund(1250, 'pending', of)))).toBe(returning)
    expect(strayMoneyWords(view(refund(250, 'done', of), refund(1000, 'pending', of)))).toBe(returning)
    expect(strayMoneyWords(view(refund(1250, 'failed', of), refund(1250, 'done', of)))).toBe(returned)
  })
})
