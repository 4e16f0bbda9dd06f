import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestShop, type TestShop } from '../testing/testShop.ts'
import { acceptPayment } from './acceptPayment.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const accept = (outTradeNo: string) => acceptPayment(shop.payments, { outTradeNo, operator: 'lin' })

/** Paid at WeChat, its notice lost, and the query has found it. */
async function confirming() {
  const shown = await shop.shown()
  shop.wechat.pay(shown.outTradeNo)
  await shop.work(61_000)
  expect(await shop.payment(shown.outTradeNo)).toMatchObject({ status: 'pending', confirmingSince: expect.any(Date) })
  shop.wechat.calls.length = 0
  return shown
}

describe('an operator who accepts WeChat’s answer', () => {
  it('R17 makes the order paid by a fresh query, and the history says who', async () => {
    const { token, orderId, outTradeNo } = await confirming()
    expect(await accept(outTradeNo)).toMatchObject({ accepted: true, payment: { status: 'paid' } })
    expect(shop.wechat.callsAbout(outTradeNo)).toEqual(['query'])
    expect((await shop.read(token)).order.status).toBe('paid')
    const events = await shop.db.selectFrom('events').selectAll().where('order_id', '=', orderId).orderBy('id').execute()
    expect(events.slice(-3)).toMatchObject([
      { type: 'payment.accept_requested', source: 'operator', data: { operator: 'lin' } },
      { type: 'payment.paid', source: 'operator' },
      { type: 'order.paid', source: 'operator' },
    ])
    expect(await shop.notice(shop.wechat.noticeOf(outTradeNo))).toBe('repeat')
  })

  it.each(['lose-before', 'lose-after'] as const)('R17 changes nothing when WeChat does not answer (%s)', async (course) => {
    const { token, outTradeNo } = await confirming()
    shop.wechat.during.query = () => course
    expect(await accept(outTradeNo)).toEqual({ accepted: false, reason: 'no-answer' })
    expect((await shop.read(token)).order.status).toBe('unpaid')
    expect(await shop.eventTypes(token)).toContain('payment.accept_requested')
  })

  it('R9 may not accept the wrong amount', async () => {
    const { token, outTradeNo } = await confirming()
    shop.wechat.reportFen = 99
    expect(await accept(outTradeNo)).toMatchObject({ accepted: false, reason: 'flagged' })
    expect((await shop.read(token)).order.status).toBe('unpaid')
    expect(shop.anomalies).toContain('amount-mismatch')
  })

  it('R17 may not accept what WeChat does not call paid any more', async () => {
    const { outTradeNo } = await confirming()
    shop.wechat.querySays = 'closed'
    expect(await accept(outTradeNo)).toMatchObject({ accepted: false, reason: 'not-paid-at-wechat' })
  })

  it('R17 may accept only what is confirming: not a code that waits, not a number of nobody, not what is paid', async () => {
    const waiting = await shop.shown()
    shop.wechat.pay(waiting.outTradeNo)
    shop.wechat.calls.length = 0
    expect(await accept(waiting.outTradeNo)).toEqual({ accepted: false, reason: 'not-confirming' })
    expect(await accept('NOT-OURS-3')).toEqual({ accepted: false, reason: 'unknown-number' })
    await shop.notice(shop.wechat.noticeOf(waiting.outTradeNo))
    expect(await accept(waiting.outTradeNo)).toEqual({ accepted: false, reason: 'not-confirming' })
    expect(shop.wechat.calls).toEqual([])
    expect((await shop.read(waiting.token)).order.status).toBe('paid')
  })

  it('R10 is at one with a notice that comes at the same moment', async () => {
    const { token, outTradeNo } = await confirming()
    shop.wechat.after.query = async () => {
      expect(await shop.notice(shop.wechat.noticeOf(outTradeNo))).toBe('applied')
    }
    expect(await accept(outTradeNo)).toMatchObject({ accepted: true })
    expect((await shop.eventTypes(token)).filter((type) => type === 'order.paid')).toHaveLength(1)
    expect(await shop.payment(outTradeNo)).toMatchObject({ anomalies: [] })
  })
})
