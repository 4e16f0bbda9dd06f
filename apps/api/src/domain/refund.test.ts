import { toFen } from 'wxpay-core/money'
import { describe, expect, it } from 'vitest'
import { at, payments } from '../testing/paymentExamples.ts'
import { refundReport, refunds } from '../testing/refundExamples.ts'
import {
  applyRefundEvent,
  begunAtWechat,
  holdsMoney,
  refundMismatch,
  reserve,
  type RefundEvent,
  type RefundReport,
  type RefundStatus,
} from './refund.ts'

const reported = (state: RefundReport['state'], change: Partial<RefundReport> = {}): RefundEvent => ({
  type: 'reported',
  report: { ...refundReport, state, ...change },
  at,
})

const events: Record<string, RefundEvent> = {
  processing: reported('processing'),
  success: reported('success'),
  closed: reported('closed'),
  abnormal: reported('abnormal'),
  refused: { type: 'refused', code: 'ERROR', description: '不能退款', at },
}

const statuses = ['submitting', 'refused', 'processing', 'needs-attention', 'closed', 'success'] as const

/** In the order of `statuses`. `-` is the very same object: nothing is written. */
const table: Record<string, (RefundStatus | '-')[]> = {
  processing: ['processing', 'processing', '-', '-', '-', '-'],
  abnormal: ['needs-attention', 'needs-attention', 'needs-attention', '-', '-', '-'],
  closed: ['closed', 'closed', 'closed', 'closed', '-', '-'],
  success: ['success', 'success', 'success', 'success', 'success', '-'],
  refused: ['refused', '-', '-', '-', '-', '-'],
}
const cases = Object.entries(table).flatMap(([event, row]) =>
  statuses.map((status, index) => ({ event, status, becomes: row[index] ?? 'missing' })),
)

describe('a refund', () => {
  it.each(cases)('R10 that is $status, told $event, becomes $becomes', ({ event, status, becomes }) => {
    const before = refunds[status]
    const given = events[event]
    if (!given) throw new Error(`no event ${event}`)
    const after = applyRefundEvent(before, given)
    if (becomes === '-') expect(after).toBe(before)
    else expect(after.status).toBe(becomes)
  })

  it('keeps WeChat’s number, times and account as they come to be known', () => {
    const accepted = applyRefundEvent(refunds.submitting, reported('processing'))
    expect(accepted).toMatchObject({ refundId: '50300001', acceptedAt: at, succeededAt: null, recordedAt: null, payerRefundFen: 60 })
    const later = new Date('2026-03-03T00:00:00Z')
    const succeededAt = new Date('2026-03-02T06:05:33Z')
    const report = { ...refundReport, state: 'success' as const, succeededAt, payerRefundFen: null }
    const succeeded = applyRefundEvent(accepted, { type: 'reported', report, at: later })
    expect(succeeded).toMatchObject({ acceptedAt: at, succeededAt, recordedAt: later, payerRefundFen: 60, receivedAccount: '支付用户零钱' })
  })

  it('waits for funds until WeChat takes it, and says so once', () => {
    const waiting = applyRefundEvent(refunds.submitting, { type: 'no-funds' })
    expect(waiting).toMatchObject({ status: 'submitting', waitingFor: 'funds' })
    expect(applyRefundEvent(waiting, { type: 'no-funds' })).toBe(waiting)
    expect(applyRefundEvent(refunds.processing, { type: 'no-funds' })).toBe(refunds.processing)
    expect(applyRefundEvent(waiting, reported('processing')).waitingFor).toBe(null)
  })

  it('R18 counts against its payment unless it is closed or refused', () => {
    expect(statuses.filter(holdsMoney)).toEqual(['submitting', 'processing', 'needs-attention', 'success'])
  })
})

describe('what refunds hold of a payment', () => {
  it('R18 is their sum', () => {
    expect(reserve(payments.paid, [refunds.processing, refunds.closed, refunds.refused])).toMatchObject({
      payment: { reservedRefundFen: 60 },
      exceeds: false,
    })
  })

  it('R18 is never more than was paid, and says when it would be', () => {
    const twice = [refunds.success, refunds.processing]
    expect(reserve(payments.paid, twice)).toMatchObject({ payment: { reservedRefundFen: 100 }, exceeds: true })
  })

  it('writes nothing when it stays', () => {
    const payment = { ...payments.paid, reservedRefundFen: toFen(60) }
    expect(reserve(payment, [refunds.processing]).payment).toBe(payment)
  })
})

describe('a report about a refund', () => {
  it.each<[string, Partial<RefundReport>]>([
    ['transaction-id', { transactionId: '4200000002' }],
    ['total', { totalFen: toFen(101) }],
    ['amount', { refundFen: toFen(61) }],
    ['number', { refundId: '50300002' }],
    ['number', { outRefundNo: 'R00002' }],
  ])('does not fit by its %s', (mismatch, change) => {
    expect(refundMismatch(payments.paid, refunds.processing, { ...refundReport, ...change })).toBe(mismatch)
  })

  it('does not fit another payment', () => {
    expect(refundMismatch(payments.paid, { ...refunds.processing, paymentId: '2' }, refundReport)).toBe('payment')
  })

  it('fits the refund that it is about, whether or not its number at WeChat is known, and one that we have not heard of', () => {
    for (const refund of [refunds.submitting, refunds.processing, undefined]) {
      expect(refundMismatch(payments.paid, refund, refundReport)).toBe(null)
    }
  })

  it.each([
    ['processing', 'processing'],
    ['success', 'success'],
    ['closed', 'closed'],
    ['abnormal', 'needs-attention'],
  ] as const)('of one that began at WeChat makes one that is as WeChat says: %s', (state, status) => {
    const begun = begunAtWechat(payments.paid, { report: { ...refundReport, state }, protocol: 'v3', at })
    expect(begun).toMatchObject({ origin: 'wechat', status, refundId: '50300001', refundFen: 60, createdAt: at, acceptedAt: at })
  })
})
