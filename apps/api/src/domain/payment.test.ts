import { toFen } from 'wxpay-core/money'
import { describe, expect, it } from 'vitest'
import { at, paidInFull, payments } from '../testing/paymentExamples.ts'
import {
  applyPaymentEvent,
  isOpen,
  isUnsettled,
  mayBeClosed,
  type Payment,
  type PaymentEvent,
  type PaymentStatus,
  type ReportedTrade,
} from './payment.ts'

const events: Record<PaymentEvent['type'], PaymentEvent> = {
  prepared: { type: 'prepared', action: { tradeType: 'native', codeUrl: 'weixin://new' }, codeExpiresAt: at },
  refused: { type: 'refused', code: 'NOAUTH', description: '未开通' },
  extended: { type: 'extended', codeExpiresAt: new Date('2026-03-01T02:25:00Z') },
  closing: { type: 'closing', reason: 'replaced' },
  closed: { type: 'closed', at },
  confirming: { type: 'confirming', trade: paidInFull, at },
  paid: { type: 'paid', trade: paidInFull, at },
}

/** What each event makes of each state; `same` is the very same object: nothing is written. */
const table: Record<PaymentEvent['type'], Record<PaymentStatus, PaymentStatus | 'same'>> = {
  prepared: { preparing: 'pending', pending: 'same', closing: 'same', closed: 'same', paid: 'same', refused: 'same' },
  refused: { preparing: 'refused', pending: 'same', closing: 'same', closed: 'same', paid: 'same', refused: 'same' },
  extended: { preparing: 'same', pending: 'pending', closing: 'same', closed: 'same', paid: 'same', refused: 'same' },
  closing: { preparing: 'closing', pending: 'closing', closing: 'same', closed: 'same', paid: 'same', refused: 'same' },
  closed: { preparing: 'closed', pending: 'closed', closing: 'closed', closed: 'same', paid: 'same', refused: 'same' },
  confirming: { preparing: 'pending', pending: 'pending', closing: 'pending', closed: 'closed', paid: 'same', refused: 'refused' },
  paid: { preparing: 'paid', pending: 'paid', closing: 'paid', closed: 'paid', paid: 'same', refused: 'paid' },
}

const statuses = ['preparing', 'pending', 'closing', 'closed', 'paid', 'refused'] as const
const types = ['prepared', 'refused', 'extended', 'closing', 'closed', 'confirming', 'paid'] as const
const cases = types.flatMap((type) => statuses.map((status) => ({ type, status, becomes: table[type][status] })))

const pay = (payment: Payment, trade: Partial<ReportedTrade> = {}) =>
  applyPaymentEvent(payment, { type: 'paid', trade: { ...paidInFull, ...trade }, at })
const confirm = (payment: Payment, trade: Partial<ReportedTrade> = {}) =>
  applyPaymentEvent(payment, { type: 'confirming', trade: { ...paidInFull, ...trade }, at })

describe('a payment', () => {
  it.each(cases)('R11 that is $status becomes $becomes by $type', ({ type, status, becomes }) => {
    const before = payments[status]
    const after = applyPaymentEvent(before, events[type])
    if (becomes === 'same') expect(after).toBe(before)
    else {
      expect(after.status).toBe(becomes)
      expect(after).not.toBe(before)
    }
  })

  it.each(cases)('R11 that is $status has the same after $type came twice', ({ type, status }) => {
    const once = applyPaymentEvent(payments[status], events[type])
    expect(applyPaymentEvent(once, events[type])).toEqual(once)
    if (type !== 'extended') expect(applyPaymentEvent(once, events[type])).toBe(once)
  })

  it.each(types)('R11 that is paid is never anything else, whatever comes: %s', (type) => {
    expect(applyPaymentEvent(payments.paid, events[type])).toBe(payments.paid)
  })

  it('R11 keeps what WeChat reported when it is paid', () => {
    expect(pay(payments.pending)).toEqual({
      ...payments.pending,
      ...paidInFull,
      currency: undefined,
      status: 'paid',
      confirmingSince: null,
      recordedAt: at,
    })
  })

  it.each(['preparing', 'pending', 'closing', 'refused'] as const)('R10 is paid without a flag when the notice finds it %s', (status) => {
    expect(pay(payments[status])).toMatchObject({ status: 'paid', anomalies: [] })
  })

  it('R15 is paid and flagged, never lost, when the money comes after it was closed', () => {
    expect(pay(payments.closed)).toMatchObject({ status: 'paid', anomalies: ['paid-after-close'], transactionId: '4200000001' })
  })
})

describe('a payment for which the wrong money came', () => {
  const wrong = [
    { what: 'one fen too little', trade: { totalFen: toFen(99) } },
    { what: 'one fen too much', trade: { totalFen: toFen(101) } },
    { what: 'nothing', trade: { totalFen: toFen(0) } },
    { what: 'another currency', trade: { currency: 'USD' } },
  ]
  const open = ['preparing', 'pending', 'closing', 'closed', 'refused'] as const
  const everywhere = wrong.flatMap((one) => open.map((status) => ({ ...one, status })))

  it.each(everywhere)('R9 stays $status and is flagged once: $what', ({ trade, status }) => {
    const flagged = pay(payments[status], trade)
    expect(flagged).toEqual({ ...payments[status], anomalies: ['amount-mismatch'] })
    expect(pay(flagged, trade)).toBe(flagged)
  })

  it.each(everywhere)('R9 is flagged by a query, too, and not confirming: $what while $status', ({ trade, status }) => {
    expect(confirm(payments[status], trade)).toEqual({ ...payments[status], anomalies: ['amount-mismatch'] })
  })

  it.each(open)('R9 is paid by the right notice that follows, while %s', (status) => {
    const flagged = pay(payments[status], { totalFen: toFen(99) })
    expect(pay(flagged)).toMatchObject({ status: 'paid', totalFen: 100 })
  })

  it.each(['preparing', 'pending', 'closing'] as const)('R9 is not closed by anybody while %s', (status) => {
    const flagged = pay(payments[status], { totalFen: toFen(99) })
    expect(mayBeClosed(flagged)).toBe(false)
    expect(isUnsettled(flagged)).toBe(true)
    expect(applyPaymentEvent(flagged, { type: 'closed', at })).toBe(flagged)
    expect(applyPaymentEvent(flagged, { type: 'closing', reason: 'cancelled' })).toBe(flagged)
  })

  it('R9 stays paid and is flagged when the wrong amount comes after the right one', () => {
    expect(pay(payments.paid, { totalFen: toFen(99) })).toEqual({ ...payments.paid, anomalies: ['amount-mismatch'] })
  })

  it('R9 is flagged when another payment of WeChat comes for it, and keeps the first', () => {
    const flagged = pay(payments.paid, { transactionId: '4200000002' })
    expect(flagged).toEqual({ ...payments.paid, anomalies: ['conflict'] })
    expect(confirm(payments.paid, { transactionId: '4200000002' })).toEqual(flagged)
  })

  it('R9 counts what was asked for, not what left the payer’s pocket: a coupon is no mismatch', () => {
    expect(pay(payments.pending, { payerFen: toFen(40) })).toMatchObject({ status: 'paid', payerFen: 40, anomalies: [] })
  })
})

describe('a payment that WeChat says is paid, without its notice', () => {
  it.each(['preparing', 'pending', 'closing'] as const)('R17 stays open and is confirming, from %s', (status) => {
    const confirming = confirm(payments[status])
    expect(confirming).toMatchObject({ status: 'pending', confirmingSince: at, transactionId: null, recordedAt: null })
    expect(isOpen(confirming)).toBe(true)
  })

  it('R17 is not closed by anybody', () => {
    const confirming = confirm(payments.closing)
    expect(mayBeClosed(confirming)).toBe(false)
    expect(applyPaymentEvent(confirming, { type: 'closed', at })).toBe(confirming)
    expect(applyPaymentEvent(confirming, { type: 'closing', reason: 'expired' })).toBe(confirming)
  })

  it('R17 remembers since when, however often the query repeats it', () => {
    const confirming = confirm(payments.pending)
    const later = applyPaymentEvent(confirming, { type: 'confirming', trade: paidInFull, at: new Date(at.getTime() + 60_000) })
    expect(later).toBe(confirming)
  })

  it('R17 is paid by the notice, and confirming no more', () => {
    expect(pay(confirm(payments.pending))).toMatchObject({ status: 'paid', confirmingSince: null, anomalies: [] })
  })

  it('R17 is unsettled also after its close', () => {
    expect(isUnsettled(confirm(payments.closed))).toBe(true)
  })
})

describe('a close', () => {
  it('lets a cancel outrank the reason it began with, and nothing else', () => {
    const cancelled = applyPaymentEvent(payments.closing, { type: 'closing', reason: 'cancelled' })
    expect(cancelled).toMatchObject({ status: 'closing', closeReason: 'cancelled' })
    for (const reason of ['expired', 'replaced', 'order-paid', 'cancelled'] as const) {
      expect(applyPaymentEvent(cancelled, { type: 'closing', reason })).toBe(cancelled)
    }
  })

  it('keeps its reason when WeChat confirms it', () => {
    expect(applyPaymentEvent({ ...payments.closing, closeReason: 'cancelled' }, { type: 'closed', at })).toMatchObject({
      status: 'closed',
      closeReason: 'cancelled',
      closedAt: at,
    })
  })
})
