import { toFen } from 'wxpay-core/money'
import { describe, expect, it } from 'vitest'
import { at, payments, unpaidOrder } from '../testing/paymentExamples.ts'
import { refunds } from '../testing/refundExamples.ts'
import { flag } from './payment.ts'
import { automaticRefund, planRefund } from './planRefund.ts'
import { PaymentNotPaidError, RefundExceedsPaymentError, RefundWindowOverError, TooManyRefundsError } from './refundErrors.ts'

const { paid } = payments
const plan = (amountFen: number, payment = paid, others = [refunds.refused], now = at) =>
  planRefund(payment, others, { amountFen: toFen(amountFen), now })

describe('a planned refund', () => {
  it('R18 reserves its amount beside what is reserved already', () => {
    const planned = plan(40, { ...paid, reservedRefundFen: toFen(60) })
    expect(planned).toMatchObject({ payment: { reservedRefundFen: 100 }, refundFen: 40, transactionId: '4200000001' })
  })

  it('R18 is refused for one fen more than is left', () => {
    expect(() => plan(41, { ...paid, reservedRefundFen: toFen(60) })).toThrow(RefundExceedsPaymentError)
  })

  it.each(['preparing', 'pending', 'closing', 'closed', 'refused'] as const)('is refused for a payment that is %s', (status) => {
    expect(() => plan(1, payments[status])).toThrow(PaymentNotPaidError)
  })

  it('R19 is refused when a year has passed', () => {
    const paidAt = paid.paidAt ?? at
    const inTime = new Date(paidAt.getTime() + 365 * 86_400_000)
    expect(plan(1, paid, [], inTime).refundFen).toBe(1)
    expect(() => plan(1, paid, [], new Date(inTime.getTime() + 1))).toThrow(RefundWindowOverError)
  })

  it('R19 is refused as the 51st, closed ones counted, those that WeChat never took not', () => {
    const fifty = Array.from({ length: 50 }, () => refunds.closed)
    expect(plan(1, paid, [...fifty.slice(1), refunds.refused]).refundFen).toBe(1)
    expect(() => plan(1, paid, fifty)).toThrow(TooManyRefundsError)
  })
})

describe('money that an order does not want', () => {
  const order = { ...unpaidOrder, status: 'paid' as const }
  const closed = { ...unpaidOrder, status: 'closed' as const }
  const policy = { duplicates: true, latePayment: 'refund' as const }
  const before = payments.pending

  it('R12 goes back when it was paid twice, unless the shop does not want it', () => {
    const after = flag(paid, 'duplicate')
    expect(automaticRefund({ before, after, order }, policy)).toBe('duplicate')
    expect(automaticRefund({ before, after, order }, { ...policy, duplicates: false })).toBe(null)
  })

  it('R12 that is a duplicate and late is a duplicate', () => {
    const after = flag(flag(paid, 'paid-after-close'), 'duplicate')
    expect(automaticRefund({ before, after, order: closed }, policy)).toBe('duplicate')
  })

  it('R15 goes back when the order has closed, under that policy alone', () => {
    const after = flag(paid, 'paid-after-close')
    expect(automaticRefund({ before, after, order: closed }, policy)).toBe('late')
    expect(automaticRefund({ before, after, order: closed }, { ...policy, latePayment: 'flag' })).toBe(null)
    expect(automaticRefund({ before, after, order }, policy)).toBe(null)
  })

  it.each(['conflict', 'amount-mismatch'] as const)('R9 stays when it is flagged %s: a person has to look', (anomaly) => {
    expect(automaticRefund({ before, after: flag(flag(paid, 'duplicate'), anomaly), order }, policy)).toBe(null)
  })

  it('R10 does not go back a second time when its notice is repeated', () => {
    expect(automaticRefund({ before: flag(paid, 'duplicate'), after: flag(paid, 'duplicate'), order }, policy)).toBe(null)
  })
})
