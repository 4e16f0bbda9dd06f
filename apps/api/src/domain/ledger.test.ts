import { describe, expect, it } from 'vitest'
import { toFen } from 'wxpay-core/money'
import { at, payments, unpaidOrder } from '../testing/paymentExamples.ts'
import { billPosting, postingsOf, type Posting } from './ledger.ts'
import type { Checkout, Order } from './order.ts'
import { flag, type Payment } from './payment.ts'
import type { Refund, RefundStatus } from './refund.ts'

const paidOrder: Order = { ...unpaidOrder, status: 'paid', paidAt: at, recordedAt: at }
const closedOrder: Order = { ...unpaidOrder, status: 'closed', closedReason: 'expired', closedAt: at }
const second: Payment = { ...payments.paid, id: '2', outTradeNo: 'P00002', transactionId: '4200000002' }

const checkout = (order: Order, ...ofOrder: Payment[]): Checkout => ({ order, payments: ofOrder })
const refund = (status: RefundStatus, about: Partial<Refund> = {}): Refund => ({
  id: '7',
  paymentId: '1',
  outRefundNo: 'R00001',
  origin: 'operator',
  protocol: 'v3',
  refundFen: toFen(30),
  reason: null,
  status,
  waitingFor: null,
  refundId: '50300000001',
  payerRefundFen: null,
  receivedAccount: null,
  refusal: null,
  createdAt: at,
  acceptedAt: at,
  succeededAt: null,
  recordedAt: null,
  ...about,
})

/** What an account has after postings. */
function balances(postings: readonly Posting[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { entries } of postings) for (const { account, amountFen } of entries) sums[account] = (sums[account] ?? 0) + amountFen
  return sums
}

const paying = { before: checkout(unpaidOrder, payments.pending), after: checkout(paidOrder, payments.paid), refunds: [] }

describe('the ledger', () => {
  it('R13 has the sale and the money of an order that is paid, and nothing owed either way', () => {
    expect(balances(postingsOf(paying))).toEqual({ receivable: 0, sales: -100, wechat_clearing: 100 })
  })

  it('R13 moves nothing while no money moves', () => {
    const closing = { before: checkout(unpaidOrder, payments.pending), after: checkout(closedOrder, payments.closed), refunds: [] }
    expect(postingsOf(closing)).toEqual([])
    expect(postingsOf({ before: paying.after, after: paying.after, refunds: [] })).toEqual([])
  })

  it('R12 owes the payer a second payment until it has gone back', () => {
    const duplicate = flag(second, 'duplicate')
    const twice = {
      before: checkout(paidOrder, payments.paid, { ...payments.pending, id: '2' }),
      after: checkout(paidOrder, payments.paid, duplicate),
      refunds: [],
    }
    expect(balances(postingsOf(twice))).toEqual({ receivable: -100, wechat_clearing: 100 })
    const back = {
      before: twice.after,
      after: twice.after,
      refunds: [
        {
          before: refund('submitting', { paymentId: '2', refundFen: toFen(100) }),
          after: refund('processing', { paymentId: '2', refundFen: toFen(100) }),
        },
      ],
    }
    expect(balances([...postingsOf(twice), ...postingsOf(back)])).toEqual({ receivable: 0, wechat_clearing: 0 })
  })

  it('R15 owes the payer money that came for an order that stays closed', () => {
    const late = {
      before: checkout(closedOrder, payments.closed),
      after: checkout(closedOrder, flag(payments.paid, 'paid-after-close')),
      refunds: [],
    }
    expect(balances(postingsOf(late))).toEqual({ receivable: -100, wechat_clearing: 100 })
  })

  it('R18 takes an accepted refund from the sale, once, whatever comes of it later', () => {
    const steps = [
      { before: refund('submitting'), after: refund('processing') },
      { before: refund('processing'), after: refund('needs-attention') },
      { before: refund('needs-attention'), after: refund('success') },
    ]
    const postings = steps.flatMap((step) => postingsOf({ before: paying.after, after: paying.after, refunds: [step] }))
    expect(balances(postings)).toEqual({ refunds: 30, wechat_clearing: -30 })
  })

  it('R18 gives back what a refund took that was closed', () => {
    const steps = [
      { before: null, after: refund('processing', { origin: 'wechat' }) },
      { before: refund('processing'), after: refund('closed') },
    ]
    const postings = steps.flatMap((step) => postingsOf({ before: paying.after, after: paying.after, refunds: [step] }))
    expect(balances(postings)).toEqual({ refunds: 0, wechat_clearing: 0 })
  })

  it('R18 takes it again when a refund that was closed succeeds after all, under a key of its own', () => {
    const steps = [
      { before: refund('submitting'), after: refund('processing') },
      { before: refund('processing'), after: refund('closed') },
      { before: refund('closed'), after: refund('success') },
    ]
    const postings = steps.flatMap((step) => postingsOf({ before: paying.after, after: paying.after, refunds: [step] }))
    expect(balances(postings)).toEqual({ refunds: 30, wechat_clearing: -30 })
    expect(new Set(postings.map(({ key }) => key)).size).toBe(3)
  })

  it('R18 has nothing of a refund that WeChat never took', () => {
    const steps = [
      { before: null, after: refund('submitting') },
      { before: refund('submitting'), after: refund('refused') },
      { before: refund('submitting'), after: refund('closed') },
    ]
    for (const step of steps) expect(postingsOf({ before: paying.after, after: paying.after, refunds: [step] })).toEqual([])
  })

  it('R21 confirms by a bill what both sides have, less the fees', () => {
    const confirmed = billPosting('9', 0, { netFen: 700, feesFen: 6 })
    expect(balances(confirmed)).toEqual({ wechat_balance: 694, fees: 6, wechat_clearing: -700 })
    expect(billPosting('9', 1, { netFen: 0, feesFen: 0 })).toEqual([])
  })

  it('is double entry: every posting adds up to zero, under a key of its own', () => {
    const all = [
      ...postingsOf(paying),
      ...postingsOf({ before: paying.after, after: paying.after, refunds: [{ before: null, after: refund('success') }] }),
      ...billPosting('9', 0, { netFen: 700, feesFen: -6 }),
    ]
    for (const posting of all) expect(Object.values(balances([posting])).reduce((sum, fen) => sum + fen, 0)).toBe(0)
    expect(new Set(all.map(({ key }) => key)).size).toBe(all.length)
  })
})
