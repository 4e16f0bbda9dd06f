import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { flowBillText, flowLine, paymentLine, ready, refundLine, tradeBillText } from '../../testing/billFiles.ts'
import { openBillShop, type BillShop } from '../../testing/billShop.ts'

let shop: BillShop
beforeAll(async () => (shop = await openBillShop()))
afterAll(() => shop.close())
beforeEach(() => shop.forget())

const dayMs = 86_400_000
const dayAfter = (day: string) => new Date(Date.parse(day) + dayMs).toISOString().slice(0, 10)

/** Days of its own for each test: the shop's clock never goes back. */
let days = 0
function nextDay(): string {
  days += 4
  return new Date(Date.UTC(2026, 2, 1) + days * dayMs).toISOString().slice(0, 10)
}

/** 4,000 fen of 10,000 go back, and 24 of them are the fee's. */
const tookFen = 3_976
type Line = ReturnType<typeof flowLine>

/** A payment and its refund at the noon of a day; the refund closes when a test says so. */
async function refundedAt(day: string) {
  shop.clock.reach(new Date(`${day}T12:00:00+08:00`))
  const paid = await shop.paidAt(`${day}T12:00:00+08:00`, 10_000)
  const { refund } = await shop.refund(paid.outTradeNo, 4_000)
  await shop.work(10_000)
  const { outRefundNo, refundId } = await shop.readRefund(refund.outRefundNo)
  if (refundId === null) throw new Error('WeChat has not accepted it')
  return {
    trades: [paymentLine(paid), refundLine({ ...paid, outRefundNo, refundId, refundFen: 4_000 })],
    /** Made after it had closed: no fee came back. */
    laterTrades: [
      paymentLine(paid),
      { ...refundLine({ ...paid, outRefundNo, refundId, refundFen: 4_000, fee: '0.00000' }), 退款状态: 'FAIL' },
    ],
    payment: [
      flowLine({ businessNo: paid.transactionId, fen: 10_000 }),
      flowLine({ businessNo: paid.transactionId, fen: -60, type: '扣除交易手续费' }),
    ],
    taken: (fen = tookFen) => flowLine({ businessNo: refundId, fen: -fen, type: '退款' }),
    back: (fen = tookFen) => flowLine({ businessNo: refundId, fen, type: '退款退回' }),
    async closesAt(time: string) {
      shop.clock.reach(new Date(time))
      shop.wechat.settleRefund(outRefundNo, 'closed')
      await shop.notice(shop.wechat.refundNoticeOf(outRefundNo))
    },
  }
}

type Refunded = Awaited<ReturnType<typeof refundedAt>>

const bills = (day: string, trades: Line[], flow: Line[]) => ({
  [`trade ${day}`]: () => ready(tradeBillText(trades)),
  [`fund-flow ${day}`]: () => ready(flowBillText(flow)),
})

/** How the two sides of the flow differ on each day, in fen. */
async function flowDifferences(): Promise<Record<string, unknown>> {
  const open = await shop.discrepancies()
  expect(open.map((one) => one['class'])).toEqual(open.map(() => 'flow-differs'))
  return Object.fromEntries(open.map(({ number, ours, theirs }): [string, unknown] => [String(number), [ours, theirs]]))
}

describe('R21 what a closed refund has taken', () => {
  it.each<[string, (one: Refunded) => Line[], [number, number] | undefined]>([
    ['comes back on the same day', (one) => [one.taken(), one.back()], undefined],
    ['never left', () => [], undefined],
    ['comes back short', (one) => [one.taken(), one.back(tookFen - 2)], [9_940, 9_938]],
    ['does not come back', (one) => [one.taken()], [9_940, 5_964]],
    ['comes back without having left', (one) => [one.back()], [9_940, 13_916]],
  ])('%s: told when it is a difference', async (_case, linesOf, difference) => {
    const day = nextDay()
    const one = await refundedAt(day)
    await one.closesAt(`${day}T14:00:00+08:00`)
    shop.billsAre(bills(day, one.trades, [...one.payment, ...linesOf(one)]))
    await shop.morning(day)
    expect(await flowDifferences()).toEqual(difference ? { [day]: difference } : {})
  })

  it.each<[string, (one: Refunded) => Line[], [number, number] | undefined]>([
    ['comes back', (one) => [one.back()], undefined],
    ['comes back short', (one) => [one.back(tookFen - 2)], [tookFen, tookFen - 2]],
    ['comes back twice', (one) => [one.back(), one.back()], [tookFen, 2 * tookFen]],
    ['does not come back', () => [], [tookFen, 0]],
  ])('on a day before %s: told when it is a difference', async (_case, linesOf, difference) => {
    const day = nextDay()
    const next = dayAfter(day)
    const one = await refundedAt(day)
    const first = bills(day, one.trades, [...one.payment, one.taken()])
    shop.billsAre(first)
    await shop.morning(day)
    expect(await flowDifferences()).toEqual({})

    await one.closesAt(`${next}T14:00:00+08:00`)
    shop.billsAre({ ...first, ...bills(next, [], linesOf(one)) })
    await shop.morning(next)
    expect(await flowDifferences()).toEqual(difference ? { [next]: difference } : {})
  })

  it.each<[string, (one: Refunded) => Line[], [number, number] | undefined]>([
    ['is still away', (one) => [one.taken()], undefined],
    ['is back already', (one) => [one.taken(), one.back()], undefined],
    ['was less than it can have been', (one) => [one.taken(tookFen - 2)], [9_940, 5_966]],
  ])('%s in the evening before it was known as closed: told when it is a difference', async (_case, linesOf, difference) => {
    const day = nextDay()
    const one = await refundedAt(day)
    await one.closesAt(`${dayAfter(day)}T00:10:00+08:00`)
    shop.billsAre(bills(day, one.laterTrades, [...one.payment, ...linesOf(one)]))
    await shop.morning(day)
    expect(await flowDifferences()).toEqual(difference ? { [day]: difference } : {})
  })

  it('may come back on any day, when no bill has told of its leaving', async () => {
    const day = nextDay()
    const next = dayAfter(day)
    const one = await refundedAt(day)
    const trades = bills(day, one.trades, [])[`trade ${day}`]
    shop.billsAre({ [`trade ${day}`]: trades })
    await shop.morning(day)
    await one.closesAt(`${next}T14:00:00+08:00`)
    shop.billsAre({ [`trade ${day}`]: trades, ...bills(next, [], [one.back()]) })
    await shop.morning(next)
    expect(await flowDifferences()).toEqual({})
  })

  it('is counted once, though its bill is compared again', async () => {
    const day = nextDay()
    const one = await refundedAt(day)
    shop.billsAre(bills(day, one.trades, [...one.payment, one.taken()]))
    await shop.morning(day)
    await shop.sql(`UPDATE bills SET state = 'stored', next_try_at = $1 WHERE bill_date = $2 AND kind = 'fund-flow'`, [
      shop.clock.now(),
      day,
    ])
    await shop.work(60_000)
    expect(await shop.sql('SELECT milli_fen::integer AS moved FROM refund_moves')).toEqual([{ moved: -tookFen * 1_000 }])
    expect(await flowDifferences()).toEqual({})
  })
})
