import { toFen } from 'wxpay-core/money'
import { describe, expect, it } from 'vitest'
import { at, paidInFull, payments, unpaidOrder } from '../testing/paymentExamples.ts'
import { closeOrder, isConfirming, openPayment, settleOrder, whyNotPayable, type Checkout, type Order } from './order.ts'
import { applyPaymentEvent, type Payment } from './payment.ts'

const second: Payment = { ...payments.pending, id: '2', outTradeNo: 'P00002' }
const closedOrder: Order = { ...unpaidOrder, status: 'closed', closedReason: 'expired', closedAt: at }
const paidOrder: Order = { ...unpaidOrder, status: 'paid', paidAt: paidInFull.paidAt, recordedAt: at }

const pay = (payment: Payment, transactionId = '4200000001') =>
  applyPaymentEvent(payment, { type: 'paid', trade: { ...paidInFull, transactionId }, at })

/** The order and the payment after WeChat's word that this payment is paid. */
function settle(before: Checkout, payment: Payment, policy: 'flag' | 'accept' = 'flag') {
  return settleOrder(before, pay(payment, `42${payment.id}`), policy)
}

describe('money for an order', () => {
  it.each(['preparing', 'pending', 'closing', 'refused'] as const)('pays it when its attempt is %s', (status) => {
    const { order, payment } = settle({ order: unpaidOrder, payments: [payments[status]] }, payments[status])
    expect(order).toEqual({ ...unpaidOrder, status: 'paid', paidAt: paidInFull.paidAt, recordedAt: at })
    expect(payment).toMatchObject({ status: 'paid', anomalies: [] })
  })

  it('changes nothing when it was known already', () => {
    const before = { order: paidOrder, payments: [payments.paid] }
    const settled = settleOrder(before, pay(payments.paid), 'accept')
    expect(settled.order).toBe(paidOrder)
    expect(settled.payment).toBe(payments.paid)
  })

  it('changes nothing when the payment is only flagged', () => {
    const flagged = applyPaymentEvent(payments.pending, { type: 'paid', trade: { ...paidInFull, totalFen: toFen(99) }, at })
    const settled = settleOrder({ order: unpaidOrder, payments: [payments.pending] }, flagged, 'accept')
    expect(settled.order).toBe(unpaidOrder)
    expect(settled.payment).toBe(flagged)
  })

  it('R12 flags a second paid attempt as duplicate and leaves the order as the first made it', () => {
    const { order, payment } = settle({ order: paidOrder, payments: [payments.paid, second] }, second)
    expect(order).toBe(paidOrder)
    expect(payment).toMatchObject({ status: 'paid', anomalies: ['duplicate'] })
  })

  it.each(['flag', 'accept'] as const)('R12 duplicate outranks late, also under the policy %s', (policy) => {
    const late: Payment = { ...second, status: 'closed', closeReason: 'expired', closedAt: at }
    const before = { order: closedOrder, payments: [{ ...payments.paid, anomalies: ['paid-after-close' as const] }, late] }
    const { order, payment } = settle(before, late, policy)
    expect(order).toBe(closedOrder)
    expect(payment.anomalies).toContain('duplicate')
  })

  it('R15 leaves a closed order closed under the policy flag, with the payment paid and flagged', () => {
    const { order, payment } = settle({ order: closedOrder, payments: [payments.closed] }, payments.closed, 'flag')
    expect(order).toBe(closedOrder)
    expect(payment).toMatchObject({ status: 'paid', anomalies: ['paid-after-close'] })
  })

  it('R15 pays a closed order under the policy accept, and still flags the payment', () => {
    const { order, payment } = settle({ order: closedOrder, payments: [payments.closed] }, payments.closed, 'accept')
    expect(order).toMatchObject({ status: 'paid', closedReason: null, paidAt: paidInFull.paidAt, recordedAt: at })
    expect(payment).toMatchObject({ status: 'paid', anomalies: ['paid-after-close'] })
  })

  it.each(['flag', 'accept'] as const)('R15 pays an order that was only refreshed by its old code, whatever the policy: %s', (policy) => {
    const { order, payment } = settle({ order: unpaidOrder, payments: [payments.closed, second] }, payments.closed, policy)
    expect(order.status).toBe('paid')
    expect(payment.status).toBe('paid')
  })
})

describe('a new attempt', () => {
  it.each(['preparing', 'pending', 'closing', 'closed', 'refused'] as const)('may begin after one that is %s', (status) => {
    expect(whyNotPayable({ order: unpaidOrder, payments: [payments[status]] })).toBeNull()
  })

  it.each([
    { order: paidOrder, why: 'paid' },
    { order: closedOrder, why: 'closed' },
  ])('may not begin when the order is $why', ({ order, why }) => {
    expect(whyNotPayable({ order, payments: [payments.closed] })).toBe(why)
  })

  it.each(['preparing', 'pending', 'closing', 'closed', 'refused'] as const)(
    'R9 R17 may not begin while money for one that is %s must be looked into',
    (status) => {
      const confirming = { ...payments[status], confirmingSince: at }
      expect(whyNotPayable({ order: unpaidOrder, payments: [confirming, second] })).toBe('unsettled')
      expect(isConfirming({ payments: [confirming, second] })).toBe(true)
      const wrong = { ...payments[status], anomalies: ['amount-mismatch' as const] }
      expect(whyNotPayable({ order: unpaidOrder, payments: [wrong] })).toBe('unsettled')
    },
  )

  it('R15 may not begin while an attempt is paid', () => {
    expect(whyNotPayable({ order: unpaidOrder, payments: [payments.paid] })).toBe('unsettled')
  })
})

describe('an order', () => {
  it.each([paidOrder, closedOrder])('R11 that is $status is not closed again', (order) => {
    expect(closeOrder(order, 'cancelled', at)).toBe(order)
  })

  it('has at most one open attempt to find', () => {
    expect(openPayment([payments.closed, payments.refused, second])).toBe(second)
    expect(openPayment([payments.closed, payments.paid])).toBeUndefined()
  })
})
