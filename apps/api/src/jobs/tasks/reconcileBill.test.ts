import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WechatUnknownOutcomeError } from 'wxpay-core/protocol'
import { flowBillText, flowLine, paymentLine, ready, refundLine, tradeBillText } from '../../testing/billFiles.ts'
import { openBillShop, type BillShop } from '../../testing/billShop.ts'

let shop: BillShop
beforeAll(async () => (shop = await openBillShop()))
afterAll(() => shop.close())
beforeEach(() => shop.forget())

/** A day of its own for each test: the shop's clock never goes back. */
let days = 0
function nextDay(): string {
  days += 3
  return new Date(Date.UTC(2026, 2, 1) + days * 86_400_000).toISOString().slice(0, 10)
}

const noonOf = (day: string) => new Date(`${day}T12:00:00+08:00`)

/** What happens on a day happens at its noon. */
function begin(): string {
  const day = nextDay()
  shop.clock.reach(noonOf(day))
  return day
}

const at = (day: string, time: string) => `${day}T${time}+08:00`

describe('R21 the trade bill of a day', () => {
  it('that agrees with our books opens nothing', async () => {
    const day = begin()
    const paid = await shop.paidAt(at(day, '12:00:00'), 4580)
    shop.tradesOf(day, [paymentLine(paid)])
    await shop.morning(day)
    expect(await shop.bill(day)).toMatchObject({
      state: 'reconciled',
      row_count: 1,
      totals: { payments: 1, totalFen: 4580, refunds: 0, refundFen: 0, feeFen: 27 },
      problem: null,
      next_try_at: null,
    })
    expect(await shop.discrepancies()).toEqual([])
    expect(shop.billAlarms).toEqual([])
  })

  it('that lacks a payment of ours is a difference, told once, with an event on its order', async () => {
    const day = begin()
    const paid = await shop.paidAt(at(day, '12:00:00'))
    const other = await shop.paidAt(at(day, '12:01:00'))
    shop.tradesOf(day, [paymentLine(other)])
    await shop.morning(day)
    expect(await shop.discrepancies()).toMatchObject([{ class: 'paid-not-billed', number: paid.outTradeNo, ours: 100, theirs: null, day }])
    expect(await shop.eventTypes(paid.token)).toContain('discrepancy.opened')
    expect(shop.billAlarms).toEqual([`trade ${day} differs: paid-not-billed`])
    expect(await shop.payment(paid.outTradeNo)).toMatchObject({ status: 'paid', anomalies: [] })
  })

  it('that is empty while we were paid is a difference', async () => {
    const day = begin()
    const paid = await shop.paidAt(at(day, '12:00:00'))
    await shop.morning(day)
    expect(await shop.bill(day)).toMatchObject({ state: 'empty', row_count: 0 })
    expect(await shop.discrepancies()).toMatchObject([{ class: 'paid-not-billed', number: paid.outTradeNo }])
  })

  it('that has another amount, another number of WeChat’s, an unknown number or a strange fee is a difference each', async () => {
    const day = begin()
    const [amount, number, fee] = [
      await shop.paidAt(at(day, '12:00:00')),
      await shop.paidAt(at(day, '12:01:00')),
      await shop.paidAt(at(day, '12:02:00'), 10_000),
    ]
    shop.tradesOf(day, [
      paymentLine({ ...amount, totalFen: 101 }),
      paymentLine({ ...number, transactionId: '4200009' }),
      paymentLine({ ...fee, fee: '0.65000' }),
      paymentLine({ outTradeNo: 'X1', transactionId: '4200008', totalFen: 7 }),
    ])
    await shop.morning(day)
    expect(await shop.discrepancies()).toMatchObject([
      { class: 'amount-differs', number: amount.outTradeNo, ours: 100, theirs: 101 },
      { class: 'amount-differs', number: number.outTradeNo, ours: 100, theirs: 100 },
      { class: 'fee-unexpected', number: fee.outTradeNo, ours: 60, theirs: 65 },
      { class: 'unknown-number', number: 'X1', ours: null, theirs: 7 },
    ])
    expect(shop.billAlarms).toEqual([`trade ${day} differs: amount-differs, fee-unexpected, unknown-number`])
  })

  it('that has a payment twice, once as ours and once otherwise, is a difference that stays', async () => {
    const day = begin()
    const [number, amount] = [await shop.paidAt(at(day, '12:00:00')), await shop.paidAt(at(day, '12:01:00'))]
    shop.tradesOf(day, [
      paymentLine(number),
      paymentLine({ ...number, transactionId: '4200009' }),
      paymentLine({ ...amount, totalFen: 101 }),
      paymentLine(amount),
    ])
    await shop.morning(day)
    expect(await shop.discrepancies()).toMatchObject([
      { class: 'amount-differs', number: number.outTradeNo },
      { class: 'amount-differs', number: amount.outTradeNo, theirs: 101 },
    ])
  })

  it('with a refund that has failed wants none of its fee back', async () => {
    const day = begin()
    const paid = await shop.paidAt(at(day, '12:00:00'), 4580)
    const failed = refundLine({ ...paid, outRefundNo: 'R1', refundId: '5030', refundFen: 4580, fee: '0.00000' })
    shop.tradesOf(day, [paymentLine(paid), { ...failed, 退款状态: 'FAIL' }])
    await shop.morning(day)
    expect((await shop.discrepancies()).map((one) => one['class'])).toEqual(['refund-unknown'])
  })

  it('that is compared twice opens each difference once', async () => {
    const day = begin()
    await shop.paidAt(at(day, '12:00:00'))
    shop.tradesOf(day, [paymentLine({ outTradeNo: 'X2', transactionId: '4200007', totalFen: 7 })])
    await shop.morning(day)
    await shop.sql(`UPDATE bills SET state = 'stored', next_try_at = $1 WHERE bill_date = $2 AND kind = 'trade'`, [shop.clock.now(), day])
    await shop.work(60_000)
    expect(await shop.discrepancies()).toHaveLength(2)
    expect(await shop.events('discrepancy.opened')).toHaveLength(2)
    expect(shop.billAlarms).toHaveLength(1)
  })

  it('leaves out what was paid to another merchant number', async () => {
    const day = begin()
    const paid = await shop.paidAt(at(day, '12:00:00'))
    await shop.sql(`UPDATE payments SET mch_id = '1900000001' WHERE out_trade_no = $1`, [paid.outTradeNo])
    await shop.shown()
    await shop.morning(day)
    expect(await shop.discrepancies()).toEqual([])
  })
})

describe('R21 the day-boundary pool', () => {
  it('holds a payment near midnight until the neighbouring bill is compared, and it may stand there', async () => {
    const day = begin()
    const next = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)
    const late = await shop.paidAt(at(day, '23:59:30'))
    const usual = await shop.paidAt(at(day, '12:00:00'))
    shop.billsAre({
      [`trade ${day}`]: () => ready(tradeBillText([paymentLine(usual)])),
      [`trade ${next}`]: () => ready(tradeBillText([paymentLine(late)])),
    })
    await shop.morning(day)
    expect(await shop.discrepancies()).toEqual([])
    await shop.morning(next)
    expect(await shop.discrepancies()).toEqual([])
  })

  it('gives a payment back that neither bill has, as a difference of its own day', async () => {
    const day = begin()
    const next = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)
    const late = await shop.paidAt(at(day, '23:59:30'))
    await shop.morning(day)
    expect(await shop.discrepancies()).toEqual([])
    await shop.morning(next)
    expect(await shop.discrepancies()).toMatchObject([{ class: 'paid-not-billed', number: late.outTradeNo, day }])
  })
})

describe('R17 R21 money that only the bill knows of', () => {
  const told = async (token: string) => {
    const { order } = await shop.read(token)
    const rows = await shop.sql('SELECT type, source FROM events WHERE order_id = $1 ORDER BY id', [order.id])
    return rows.map(({ type, source }) => `${String(type)} by ${String(source)}`)
  }

  it('is asked about, and is confirming until the notice comes; then the difference is resolved', async () => {
    const day = begin()
    const { token, ...payment } = await shop.paidUnheard()
    await shop.sql('UPDATE payments SET next_query_at = NULL, next_close_at = NULL')
    shop.tradesOf(day, [paymentLine(payment)])
    await shop.morning(day)
    expect(await shop.payment(payment.outTradeNo)).toMatchObject({ status: 'pending', confirmingSince: expect.any(Date) as Date })
    expect(await shop.discrepancies()).toMatchObject([{ class: 'billed-not-paid', number: payment.outTradeNo, ours: 100, theirs: 100 }])
    expect(await told(token)).toEqual(expect.arrayContaining(['discrepancy.opened by bill', 'payment.confirming by bill']))
    expect(shop.wechat.callsAbout(payment.outTradeNo).filter((call) => call === 'query')).toHaveLength(1)

    await shop.notice(shop.wechat.noticeOf(payment.outTradeNo))
    await shop.work(120_000)
    expect(await shop.discrepancies()).toEqual([])
    expect(await shop.discrepancies('resolved')).toMatchObject([
      { class: 'billed-not-paid', resolver: 'reconciliation', reason: 'the payment is booked by now, as the bill has it' },
    ])
    expect(await told(token)).toContain('discrepancy.resolved by bill')
  })

  it('is paid by WeChat’s answer where the owner has chosen so', async () => {
    const day = begin()
    await shop.reset({ paidBy: 'notice-or-query' })
    const { token, ...payment } = await shop.paidUnheard()
    await shop.sql('UPDATE payments SET next_query_at = NULL, next_close_at = NULL')
    shop.tradesOf(day, [paymentLine(payment)])
    await shop.morning(day)
    expect(await shop.payment(payment.outTradeNo)).toMatchObject({ status: 'paid' })
    expect(await told(token)).toContain('payment.paid by bill')
    expect(await shop.discrepancies()).toEqual([])
  })

  it('is never booked by the bill alone: while WeChat says nothing, the payment stays as it is', async () => {
    const day = begin()
    await shop.reset({ paidBy: 'notice-or-query' })
    const payment = await shop.paidUnheard()
    await shop.sql('UPDATE payments SET next_query_at = NULL, next_close_at = NULL')
    shop.wechat.during.query = () => 'lose-before'
    shop.tradesOf(day, [paymentLine(payment)])
    await shop.morning(day)
    expect(await shop.payment(payment.outTradeNo)).toMatchObject({ status: 'pending', confirmingSince: null })
    expect(await shop.discrepancies()).toMatchObject([{ class: 'billed-not-paid' }])
  })
})

describe('R16 questions that a bill leads to', () => {
  it('give way when WeChat wants fewer calls, for everybody', async () => {
    const day = begin()
    const payment = await shop.paidUnheard()
    await shop.sql('UPDATE payments SET next_query_at = NULL, next_close_at = NULL')
    let calledAt: unknown
    shop.wechat.during.query = async () => {
      const [row] = await shop.sql('SELECT clock_timestamp() AS now')
      calledAt = row?.['now']
      throw new WechatUnknownOutcomeError('query', new Error('FREQUENCY_LIMITED'), { rateLimited: true })
    }
    shop.tradesOf(day, [paymentLine(payment)])
    await shop.morning(day)
    const [budget] = await shop.sql(
      `SELECT next_at >= $1::timestamptz + interval '10 s' AS "isPaused" FROM call_budgets WHERE name = 'wechat-query'`,
      [calledAt],
    )
    expect(budget).toEqual({ isPaused: true })
    await shop.sql(`DELETE FROM call_budgets WHERE name = 'wechat-query'`)
  })
})

describe('R21 refunds of a bill', () => {
  async function refunded(day: string) {
    const paid = await shop.paidAt(at(day, '12:00:00'), 10_000)
    const { refund } = await shop.refund(paid.outTradeNo, 4_000)
    await shop.work(10_000)
    const { refundId } = await shop.readRefund(refund.outRefundNo)
    if (refundId === null) throw new Error('WeChat has not accepted it')
    return { paid, line: { ...paid, outRefundNo: refund.outRefundNo, refundId, refundFen: 4_000 } }
  }

  it('that agree open nothing', async () => {
    const day = begin()
    const { paid, line } = await refunded(day)
    shop.tradesOf(day, [paymentLine(paid), refundLine(line)])
    await shop.morning(day)
    expect(await shop.bill(day)).toMatchObject({ totals: { payments: 1, totalFen: 10_000, refunds: 1, refundFen: 4_000, feeFen: 36 } })
    expect(await shop.discrepancies()).toEqual([])
  })

  it('that have another amount, or are not there, are differences', async () => {
    const day = begin()
    const other = await refunded(day)
    const missing = await refunded(day)
    shop.tradesOf(day, [paymentLine(other.paid), paymentLine(missing.paid), refundLine({ ...other.line, refundFen: 4_001 })])
    await shop.morning(day)
    expect(await shop.discrepancies()).toMatchObject([
      { class: 'refund-differs', number: other.line.refundId, ours: 4_000, theirs: 4_001 },
      { class: 'refund-not-billed', number: missing.line.outRefundNo, ours: 4_000, theirs: null },
    ])
  })

  it('that were begun in WeChat’s merchant platform are asked about and recorded as all refunds are', async () => {
    const day = begin()
    const paid = await shop.paidAt(at(day, '12:00:00'), 10_000)
    const outRefundNo = shop.wechat.refundInPlatform(paid.outTradeNo, 2_500, 'success')
    const { refundId } = shop.wechat.reportedRefund(outRefundNo)
    shop.tradesOf(day, [paymentLine(paid), refundLine({ ...paid, outRefundNo, refundId, refundFen: 2_500 })])
    await shop.morning(day)
    expect(await shop.refundsOf(paid.outTradeNo)).toMatchObject([{ outRefundNo, origin: 'wechat', refundFen: 2_500, status: 'success' }])
    expect(await shop.discrepancies()).toEqual([])
    expect(await shop.discrepancies('resolved')).toMatchObject([{ class: 'refund-unknown', resolver: 'reconciliation' }])
    expect(await shop.events('refund.begun_at_wechat')).toMatchObject([{ source: 'bill' }])
  })

  it('of a payment that is not ours stay open for a person', async () => {
    const day = begin()
    await shop.shown()
    const line = { outTradeNo: 'X3', transactionId: '4200006', outRefundNo: 'XR3', refundId: '5030003', refundFen: 5 }
    shop.tradesOf(day, [refundLine(line)])
    await shop.morning(day)
    expect(await shop.discrepancies()).toMatchObject([{ class: 'refund-unknown', number: '5030003', ours: null, theirs: 5 }])
  })
})

describe('R21 a bill that came late', () => {
  it('resolves what was missing before it', async () => {
    const day = begin()
    const paid = await shop.paidAt(at(day, '12:00:00'))
    await shop.morning(day)
    expect(await shop.discrepancies()).toMatchObject([{ class: 'paid-not-billed' }])
    const next = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)
    shop.tradesOf(next, [paymentLine(paid)])
    await shop.morning(next)
    expect(await shop.discrepancies()).toEqual([])
    expect(await shop.discrepancies('resolved')).toMatchObject([{ number: paid.outTradeNo, reason: `the bill of ${next} has it` }])
  })
})

describe('R21 the flow of funds', () => {
  const flowOf = (paid: { transactionId: string; totalFen: number }, fee: number) => [
    flowLine({ businessNo: paid.transactionId, fen: paid.totalFen }),
    flowLine({ businessNo: paid.transactionId, fen: -fee, type: '扣除交易手续费' }),
  ]
  // A number that is none of ours may look like anything.
  const withdrawal = flowLine({ businessNo: '90\\N\t\\.\0', fen: -500_000, type: '提现' })

  it('that is what the trades of the day come to opens nothing, whatever is paid out to the bank', async () => {
    const day = begin()
    const paid = await shop.paidAt(at(day, '12:00:00'), 10_000)
    shop.billsAre({
      [`trade ${day}`]: () => ready(tradeBillText([paymentLine(paid)])),
      [`fund-flow ${day}`]: () => ready(flowBillText([...flowOf(paid, 60), withdrawal])),
    })
    await shop.morning(day)
    expect(await shop.bill(day, 'fund-flow')).toMatchObject({
      state: 'reconciled',
      totals: { lines: 3, incomeFen: 10_000, expenseFen: 500_060 },
    })
    expect(await shop.discrepancies()).toEqual([])
  })

  it.each<[string, (paid: { transactionId: string; totalFen: number }) => Parameters<typeof flowBillText>[0], number]>([
    ['lacks a fee', (paid) => [flowLine({ businessNo: paid.transactionId, fen: paid.totalFen })], 10_000],
    ['has money of no trade', (paid) => [...flowOf(paid, 60), flowLine({ businessNo: '4299', fen: 7 })], 9_947],
  ])('that %s is a difference', async (_case, linesOf, flowFen) => {
    const day = begin()
    const paid = await shop.paidAt(at(day, '12:00:00'), 10_000)
    shop.billsAre({
      [`trade ${day}`]: () => ready(tradeBillText([paymentLine(paid)])),
      [`fund-flow ${day}`]: () => ready(flowBillText(linesOf(paid))),
    })
    await shop.morning(day)
    expect(await shop.discrepancies()).toMatchObject([{ class: 'flow-differs', number: day, ours: 9_940, theirs: flowFen, day }])
  })

  it('waits for the trade bill of its day', async () => {
    const day = begin()
    const paid = await shop.paidAt(at(day, '12:00:00'), 10_000)
    const flow = () => ready(flowBillText(flowOf(paid, 60)))
    shop.billsAre({ [`trade ${day}`]: () => ({ state: 'not-ready' }), [`fund-flow ${day}`]: flow })
    await shop.morning(day)
    expect(await shop.bill(day, 'fund-flow')).toMatchObject({ state: 'stored' })
    shop.billsAre({ [`trade ${day}`]: () => ready(tradeBillText([paymentLine(paid)])), [`fund-flow ${day}`]: flow })
    await shop.work(45 * 60_000)
    expect(await shop.bill(day, 'fund-flow')).toMatchObject({ state: 'reconciled' })
    expect(await shop.discrepancies()).toEqual([])
  })
})
