import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestShop, type TestShop } from '../../testing/testShop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

async function accepted(amountFen = 60) {
  const paid = await shop.paid(100)
  const { refund } = await shop.refund(paid.outTradeNo, amountFen)
  await shop.work(second)
  return { ...paid, outRefundNo: refund.outRefundNo }
}

const queries = (outRefundNo: string) => shop.wechat.callsAbout(outRefundNo).filter((call) => call === 'query-refund').length

describe('a refund that WeChat has accepted', () => {
  it('R19 is asked about until it has succeeded, and no more', async () => {
    const { token, outRefundNo } = await accepted()
    const { version } = (await shop.read(token)).order
    await shop.work(5 * minute)
    expect(queries(outRefundNo)).toBe(5)
    shop.wechat.settleRefund(outRefundNo, 'success')
    await shop.work(day)
    expect(queries(outRefundNo)).toBe(6)
    const refund = await shop.readRefund(outRefundNo)
    expect(refund).toMatchObject({ status: 'success', succeededAt: new Date('2026-03-02T06:05:33Z') })
    expect(await shop.nextRefundTurn(outRefundNo)).toBe(null)
    expect((await shop.eventTypes(token)).at(-1)).toBe('refund.succeeded')
    expect((await shop.read(token)).order.version).toBe(version + 1)
  })

  it('R18 that is closed gives its money free for another try under another number, and somebody hears of it', async () => {
    const { outTradeNo, outRefundNo } = await accepted(100)
    shop.wechat.settleRefund(outRefundNo, 'closed')
    await shop.work(minute)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'closed' })
    expect(await shop.reserved(outTradeNo)).toBe(0)
    expect(shop.anomalies).toEqual(['refund-closed'])
    const { refund } = await shop.refund(outTradeNo, 100)
    await shop.work(2 * minute)
    expect(await shop.readRefund(refund.outRefundNo)).toMatchObject({ status: 'processing' })
  })

  it('R18 that was closed and succeeds after all is believed, holds its money again, and is in the ledger', async () => {
    const { token } = await shop.shown(100)
    const { outTradeNo } = await shop.last(token)
    await shop.notice(shop.wechat.pay(outTradeNo))
    const { refund } = await shop.refund(outTradeNo, 60)
    await shop.work(second)
    shop.wechat.settleRefund(refund.outRefundNo, 'closed')
    await shop.work(minute)
    expect(await shop.reserved(outTradeNo)).toBe(0)
    shop.wechat.settleRefund(refund.outRefundNo, 'success')
    expect(await shop.notice(shop.wechat.refundNoticeOf(refund.outRefundNo))).toBe('applied')
    expect(await shop.readRefund(refund.outRefundNo)).toMatchObject({ status: 'success' })
    expect(await shop.reserved(outTradeNo)).toBe(60)
    const [ledger] = await shop.sql(
      `SELECT sum(refunds_fen)::int AS refunds FROM ledger_postings JOIN orders ON orders.id = order_id WHERE token = $1`,
      [token],
    )
    expect(ledger).toEqual({ refunds: 60 })
  })

  it('R19 that is abnormal is a person’s work, asked about daily, and succeeds when that person has settled it', async () => {
    const { outTradeNo, outRefundNo, token } = await accepted()
    shop.wechat.settleRefund(outRefundNo, 'abnormal')
    await shop.work(minute)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'needs-attention', recordedAt: null })
    expect(shop.anomalies).toEqual(['refund-needs-attention'])
    expect((await shop.eventTypes(token)).at(-1)).toBe('refund.needs_attention')
    expect(await shop.reserved(outTradeNo)).toBe(60)
    shop.wechat.calls.length = 0
    await shop.work(3 * day)
    expect(queries(outRefundNo)).toBe(3)
    expect(shop.anomalies).toHaveLength(1)
    shop.wechat.settleRefund(outRefundNo, 'success')
    await shop.work(day)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'success' })
  })

  it('R4 stays as it is while WeChat gives no answer, or says that it does not know it', async () => {
    const { outRefundNo, outTradeNo } = await accepted()
    shop.wechat.during['query-refund'] = () => 'lose-after'
    await shop.work(hour)
    shop.wechat.during['query-refund'] = () => 'answer'
    shop.wechat.refunds.delete(outRefundNo)
    await shop.work(hour)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'processing' })
    expect(await shop.reserved(outTradeNo)).toBe(60)
  })

  it('R9 is not moved by an answer about another amount: it is flagged, once', async () => {
    const { outRefundNo } = await accepted()
    shop.wechat.settleRefund(outRefundNo, 'success')
    shop.wechat.misreport = { transactionId: '4200000000000000000000000000' }
    await shop.work(hour)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'processing' })
    expect(shop.anomalies).toEqual(['refund-mismatch'])
  })

  it('R19 is asked about by another protocol when the keys of its own are gone', async () => {
    const { outRefundNo } = await accepted()
    shop.wechat.settleRefund(outRefundNo, 'success')
    for (const [number, trade] of shop.wechat.trades) shop.otherWechat.trades.set(number, trade)
    for (const [number, refund] of shop.wechat.refunds) shop.otherWechat.refunds.set(number, refund)
    shop.speak(shop.otherWechat)
    await shop.work(minute)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'success' })
  })
})
