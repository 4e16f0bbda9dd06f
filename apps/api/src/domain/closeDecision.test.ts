import { describe, expect, it } from 'vitest'
import { at, payments, unpaidOrder } from '../testing/paymentExamples.ts'
import { decideClose } from './closeDecision.ts'
import type { Payment } from './payment.ts'

const later = new Date('2026-03-01T02:20:30Z')
const alone = (payment: Payment, now: Date) => decideClose({ order: unpaidOrder, payments: [payment] }, payment, now)

describe('the job that closes codes', () => {
  it('waits for the end of the countdown', () => {
    expect(alone(payments.pending, at)).toEqual({ do: 'wait', until: later })
  })

  it('closes a code whose time is over', () => {
    expect(alone(payments.pending, later)).toEqual({ do: 'close', reason: 'expired' })
  })

  it.each(['expired', 'cancelled', 'replaced', 'order-paid'] as const)('goes on with a close that began because of: %s', (closeReason) => {
    expect(alone({ ...payments.closing, closeReason }, at)).toEqual({ do: 'close', reason: closeReason })
  })

  it.each(['closed', 'paid', 'refused'] as const)('leaves alone what is %s', (status) => {
    expect(alone(payments[status], later)).toEqual({ do: 'leave' })
  })

  it.each(['preparing', 'pending', 'closing'] as const)('R9 R17 leaves money alone that must be looked into, while %s', (status) => {
    expect(alone({ ...payments[status], anomalies: ['amount-mismatch'] }, later)).toEqual({ do: 'leave' })
    expect(alone({ ...payments[status], confirmingSince: at }, later)).toEqual({ do: 'leave' })
  })

  it.each([
    { other: payments.paid, what: 'paid' },
    { other: { ...payments.closed, confirmingSince: at }, what: 'confirming' },
  ])('R17 closes at once the attempt beside one that is $what', ({ other }) => {
    const beside = { ...payments.pending, id: '2' }
    expect(decideClose({ order: unpaidOrder, payments: [other, beside] }, beside, at)).toEqual({ do: 'close', reason: 'order-paid' })
  })
})
