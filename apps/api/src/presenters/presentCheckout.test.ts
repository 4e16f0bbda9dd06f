import { describe, expect, it } from 'vitest'
import { CheckoutView } from 'wxpay-core/contract'
import { toFen } from 'wxpay-core/money'
import type { Order } from '../domain/order.ts'
import type { Payment } from '../domain/payment.ts'
import type { Refund } from '../domain/refund.ts'
import { anOrder, aPayment, now } from '../testing/shopInMemory.ts'
import { presentCheckout, presentStatus } from './presentCheckout.ts'

const aRefund: Refund = {
  id: '7',
  paymentId: '1',
  outRefundNo: 'R-secret',
  origin: 'operator',
  protocol: 'v2',
  refundFen: toFen(60),
  reason: 'secret',
  status: 'submitting',
  waitingFor: null,
  refundId: null,
  payerRefundFen: null,
  receivedAccount: 'secret',
  refusal: null,
  createdAt: now,
  acceptedAt: null,
  succeededAt: null,
  recordedAt: null,
}

function view(order: Partial<Order>, ...payments: Partial<Payment>[]): CheckoutView {
  return presentCheckout({ order: anOrder(order), payments: payments.map(aPayment) }, now)
}

describe('the view of a checkout', () => {
  it('has every field of the contract and no other', () => {
    expect(CheckoutView.strict().parse(view({}, {}))).toMatchObject({
      amountFen: 1250,
      description: '一本书',
      tradeType: 'native',
      action: { tradeType: 'native', codeUrl: 'weixin://wxpay/bizpayurl?pr=abc' },
      status: 'unpaid',
      attempt: 'pending',
      remainingMs: 300_000,
      problem: null,
    })
  })

  it('never shows who paid, or our number of the attempt', () => {
    const paid = { status: 'paid', openId: 'o-secret', outTradeNo: 'P-secret', paidAt: now } as const
    expect(JSON.stringify(view({ id: 'id-secret', status: 'paid', paidAt: now, recordedAt: now }, paid))).not.toContain('secret')
  })

  it('has WeChat’s number for the receipt once the order is paid, that of the attempt that paid it', () => {
    const first = { id: '1', status: 'paid', transactionId: '42001' } as const
    const second = { id: '2', status: 'paid', transactionId: '42002', anomalies: ['duplicate'] } as const
    expect(view({ status: 'paid', paidAt: now, recordedAt: now }, first, second).transactionId).toBe('42001')
    expect(view({ status: 'closed', closedReason: 'expired' }, first).transactionId).toBeNull()
    expect(view({}, {}).transactionId).toBeNull()
  })

  it('has a status that is the view without what does not change', () => {
    const checkout = { order: anOrder(), payments: [aPayment()] }
    const { token, orderNo, amountFen, description, tradeType, action, ...rest } = presentCheckout(checkout, now)
    expect([token, orderNo, amountFen, description, tradeType, action]).not.toContain(undefined)
    expect(presentStatus(checkout, now)).toEqual(rest)
  })

  it('shows a code only while it may be paid', () => {
    const shown = (payment: Partial<Payment>) => view({}, payment).action !== null
    expect(shown({})).toBe(true)
    for (const status of ['preparing', 'closing', 'closed', 'refused'] as const) expect(shown({ status })).toBe(false)
    expect(shown({ confirmingSince: now })).toBe(false)
    expect(shown({ anomalies: ['amount-mismatch'] })).toBe(false)
  })

  it('counts down to the end of the open attempt, never below zero, and not at all without one', () => {
    const remaining = (payment: Partial<Payment>) => view({}, payment).remainingMs
    expect(remaining({ codeExpiresAt: new Date(now.getTime() + 1) })).toBe(1)
    expect(remaining({ codeExpiresAt: new Date(now.getTime() - 1) })).toBe(0)
    expect(remaining({ status: 'closed' })).toBeNull()
    expect(remaining({ confirmingSince: now })).toBeNull()
    expect(view({}).remainingMs).toBeNull()
  })

  it('says confirming while WeChat has the money and its notice is missing, and no longer when the order is paid', () => {
    expect(view({}, { confirmingSince: now }).confirming).toBe(true)
    expect(view({ status: 'paid', paidAt: now }, { confirmingSince: now }, { id: '12', status: 'paid' }).confirming).toBe(false)
  })

  it('names the open attempt, else the latest, and none for a paid order', () => {
    expect(view({}, { status: 'closed' }, { id: '12', status: 'preparing' }).attempt).toBe('preparing')
    expect(view({}, { status: 'closed' }, { id: '12', status: 'refused' }).attempt).toBe('refused')
    expect(view({ status: 'paid', paidAt: now }, { status: 'paid' }).attempt).toBeNull()
    expect(view({}).attempt).toBeNull()
  })

  it.each<[CheckoutView['problem'], Partial<Order>, Partial<Payment>[]]>([
    [null, {}, [{}]],
    [{ code: 'amount_mismatch' }, {}, [{ anomalies: ['amount-mismatch'] }]],
    [{ code: 'wechat_refused' }, {}, [{ status: 'refused' }]],
    [null, {}, [{ status: 'refused' }, { id: '12' }]],
    [{ code: 'paid_late' }, { status: 'closed', closedReason: 'expired' }, [{ status: 'paid', anomalies: ['paid-after-close'] }]],
    [null, { status: 'paid', paidAt: now }, [{ status: 'paid', anomalies: ['paid-after-close'] }]],
    [{ code: 'paid_twice' }, { status: 'paid', paidAt: now }, [{ status: 'paid' }, { id: '12', status: 'paid', anomalies: ['duplicate'] }]],
  ])('has the problem %j', (problem, order, payments) => {
    expect(view(order, ...payments).problem).toEqual(problem)
  })

  it('tells what goes back, of which payment, and none of its numbers', () => {
    const first = { id: '1', status: 'paid', transactionId: '42001' } as const
    const second = { id: '2', status: 'paid', anomalies: ['duplicate'] } as const
    const refund = (changes: Partial<Refund>): Refund => ({ ...aRefund, ...changes })
    const later = new Date(now.getTime() + 1000)
    const refunds = [
      refund({ paymentId: '1', status: 'needs-attention' }),
      refund({ paymentId: '1', status: 'closed', recordedAt: later }),
      refund({ paymentId: '2', status: 'success', succeededAt: later, recordedAt: now }),
    ]
    const paid = { status: 'paid', paidAt: now, recordedAt: now } as const
    const { refunds: told } = presentCheckout({ order: anOrder(paid), payments: [aPayment(first), aPayment(second)], refunds }, now)
    expect(told).toEqual([
      { amountFen: 60, state: 'pending', of: 'order', at: now.toISOString() },
      { amountFen: 60, state: 'failed', of: 'order', at: later.toISOString() },
      { amountFen: 60, state: 'done', of: 'second-payment', at: later.toISOString() },
    ])
    const late = {
      order: anOrder({ status: 'closed', closedReason: 'expired' }),
      payments: [aPayment(first)],
      refunds: refunds.slice(0, 1),
    }
    expect(presentCheckout(late, now).refunds[0]?.of).toBe('late-payment')
  })

  it('gives times as RFC 3339', () => {
    expect(view({ status: 'paid', paidAt: now }, { status: 'paid' }).paidAt).toBe('2026-03-01T04:00:00.000Z')
  })
})
