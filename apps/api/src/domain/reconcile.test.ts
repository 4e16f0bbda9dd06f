import { describe, expect, it } from 'vitest'
import { toFen } from 'wxpay-core/money'
import { judgeFee, judgePayment, judgeRefund, type BookedPayment, type BookedRefund } from './reconcile.ts'

const theirs = { transactionId: '4200001', totalFen: toFen(4580) }
const ours: BookedPayment = { status: 'paid', transactionId: '4200001', totalFen: toFen(4580) }

describe('R21 a payment of a bill', () => {
  it('that is booked as it is there is no difference', () => {
    expect(judgePayment(theirs, ours)).toBeNull()
  })

  it.each<[string, BookedPayment | undefined, string]>([
    ['is not in our books', undefined, 'unknown-number'],
    ['is pending here', { ...ours, status: 'pending', transactionId: null }, 'billed-not-paid'],
    ['is closed here', { ...ours, status: 'closed', transactionId: null }, 'billed-not-paid'],
    ['has another amount here', { ...ours, totalFen: toFen(4581) }, 'amount-differs'],
    ['has another number of WeChat’s here', { ...ours, transactionId: '4200002' }, 'amount-differs'],
  ])('that %s is a difference', (_case, booked, kind) => {
    expect(judgePayment(theirs, booked)).toMatchObject({ class: kind, theirsFen: 4580, oursFen: booked?.totalFen ?? null })
  })
})

const billed = { refundId: '5030001', outTradeNo: 'P1', refundFen: toFen(100) }
const booked: BookedRefund = { status: 'success', refundId: '5030001', outTradeNo: 'P1', refundFen: toFen(100) }

describe('R21 a refund of a bill', () => {
  it.each(['processing', 'success', 'closed', 'needs-attention'] as const)(
    'that is %s here is no difference: the row is never changed',
    (status) => {
      expect(judgeRefund(billed, { ...booked, status })).toBeNull()
    },
  )

  it.each<[string, BookedRefund | undefined, string]>([
    ['is not in our books', undefined, 'refund-unknown'],
    ['is still to be submitted here', { ...booked, status: 'submitting', refundId: null }, 'refund-unknown'],
    ['was refused here', { ...booked, status: 'refused', refundId: null }, 'refund-unknown'],
    ['has another amount here', { ...booked, refundFen: toFen(101) }, 'refund-differs'],
    ['has another number of WeChat’s here', { ...booked, refundId: '5030002' }, 'refund-differs'],
    ['belongs to another payment here', { ...booked, outTradeNo: 'P2' }, 'refund-differs'],
  ])('that %s is a difference', (_case, known, kind) => {
    expect(judgeRefund(billed, known)).toMatchObject({ class: kind, theirsFen: 100, oursFen: known?.refundFen ?? null })
  })
})

describe('R21 the fee of a row', () => {
  const fee = { kind: 'payment' as const, amountFen: toFen(4580), feeMilliFen: 27_000, ratePpm: 6_000 }

  it.each([
    ['rounded to a fen', fee],
    ['a fen beside it', { ...fee, feeMilliFen: 28_000 }],
    ['none, at a rate of nothing', { ...fee, feeMilliFen: 0, ratePpm: 0 }],
    ['given back with a part of the payment', { ...fee, kind: 'refund' as const, amountFen: toFen(1500), feeMilliFen: -9_000 }],
    ['of no rate that is named', { ...fee, feeMilliFen: 99_000, ratePpm: null }],
  ])('%s is as expected', (_case, row) => {
    expect(judgeFee(row)).toBeNull()
  })

  it.each([
    ['two fen beside it', { ...fee, feeMilliFen: 30_000 }, 27, 30],
    ['of the other sign', { ...fee, kind: 'refund' as const, amountFen: toFen(1500), feeMilliFen: 9_000 }, -9, 9],
    ['with a fraction of a fen', { ...fee, feeMilliFen: 27_481 }, null, 27],
    ['with a fraction of a fen and no rate', { ...fee, feeMilliFen: 481, ratePpm: null }, null, 0],
  ])('%s is unexpected', (_case, row, oursFen, theirsFen) => {
    expect(judgeFee(row)).toMatchObject({ class: 'fee-unexpected', oursFen, theirsFen })
  })
})
