import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestShop, type TestShop } from '../../testing/testShop.ts'
import { askWechat } from './askWechat.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const ask = async (outTradeNo: string) => askWechat(shop.payments, await shop.payment(outTradeNo), 'query')
const sourcesOf = async (orderId: string, type: string) =>
  (await shop.db.selectFrom('events').select('source').where('order_id', '=', orderId).where('type', '=', type).execute()).map(
    ({ source }) => source,
  )

describe('a query that says paid', () => {
  it('R17 makes the payment confirming and no more, under the policy notice', async () => {
    const { token, orderId, outTradeNo } = await shop.shown()
    shop.wechat.pay(outTradeNo)
    expect(await ask(outTradeNo)).toMatchObject({ state: 'paid', recorded: 'confirming' })
    const { order, payments } = await shop.read(token)
    expect(order).toMatchObject({ status: 'unpaid', paidAt: null })
    expect(payments).toMatchObject([{ status: 'pending', confirmingSince: shop.clock.now(), transactionId: null }])
    expect(await sourcesOf(orderId, 'payment.confirming')).toEqual(['query'])
    expect(await shop.queued('alarm-confirming', outTradeNo)).toBe(1)
  })

  it('R17 makes the order paid under the policy notice-or-query, and the history says that it was a query', async () => {
    await shop.reset({ paidBy: 'notice-or-query' })
    const { token, orderId, outTradeNo } = await shop.shown()
    shop.wechat.pay(outTradeNo)
    expect(await ask(outTradeNo)).toMatchObject({ state: 'paid', recorded: 'applied' })
    expect((await shop.read(token)).order.status).toBe('paid')
    expect(await sourcesOf(orderId, 'order.paid')).toEqual(['query'])
    expect(await shop.notice(shop.wechat.noticeOf(outTradeNo))).toBe('repeat')
  })

  it.each(['notice', 'notice-or-query'] as const)(
    'R9 is checked like a notice, under the policy %s: the wrong amount is flagged',
    async (paidBy) => {
      await shop.reset({ paidBy })
      const { token, outTradeNo } = await shop.shown()
      shop.wechat.pay(outTradeNo)
      shop.wechat.reportFen = 99
      expect(await ask(outTradeNo)).toMatchObject({ state: 'paid', recorded: 'flagged' })
      expect(await ask(outTradeNo)).toMatchObject({ recorded: 'repeat' })
      const { order, payments } = await shop.read(token)
      expect(order.status).toBe('unpaid')
      expect(payments).toMatchObject([{ status: 'pending', anomalies: ['amount-mismatch'], confirmingSince: null }])
      expect(shop.anomalies).toEqual(['amount-mismatch'])
    },
  )

  it('R17 says so once, however many ask at once', async () => {
    const { token, outTradeNo } = await shop.shown()
    shop.wechat.pay(outTradeNo)
    const before = (await shop.read(token)).order.version
    await Promise.all(Array.from({ length: 10 }, () => ask(outTradeNo)))
    expect((await shop.read(token)).order.version).toBe(before + 1)
    expect(await shop.queued('alarm-confirming', outTradeNo)).toBe(1)
  })

  it('R10 changes nothing when the notice was faster', async () => {
    const { token, outTradeNo } = await shop.shown()
    const notice = shop.wechat.pay(outTradeNo)
    shop.wechat.after.query = async () => {
      expect(await shop.notice(notice)).toBe('applied')
    }
    expect(await ask(outTradeNo)).toMatchObject({ state: 'paid', recorded: 'repeat' })
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'paid', confirmingSince: null, anomalies: [] })
    expect((await shop.eventTypes(token)).filter((type) => type === 'payment.confirming')).toEqual([])
  })

  it('R17 closes the other open attempt: an old code is confirming while a new one is shown', async () => {
    const { token, outTradeNo } = await shop.shown()
    shop.clock.advance(60_000)
    await shop.refresh(token)
    const second = await shop.last(token)
    shop.wechat.payLate(outTradeNo)
    expect(await ask(outTradeNo)).toMatchObject({ recorded: 'confirming' })
    expect(shop.present(await shop.read(token))).toMatchObject({ confirming: true, action: null, remainingMs: null })
    await shop.work(1_000)
    expect(await shop.payment(second.outTradeNo)).toMatchObject({ status: 'closed', closeReason: 'order-paid' })
    expect(await shop.refresh(token)).toMatchObject({ answer: { status: 409, view: { confirming: true } } })
  })
})

describe('a query that says anything else', () => {
  it.each(['pending', 'closed', 'not-found'] as const)('R17 changes nothing by itself: %s', async (state) => {
    const { token, outTradeNo } = await shop.shown()
    const before = await shop.read(token)
    shop.wechat.querySays = state
    expect(await ask(outTradeNo)).toMatchObject({ state })
    expect(await shop.read(token)).toEqual(before)
  })

  it('R4 changes nothing and is unknown when it got no answer', async () => {
    const { token, outTradeNo } = await shop.shown()
    const before = await shop.read(token)
    shop.wechat.during.query = () => 'lose-after'
    expect(await ask(outTradeNo)).toEqual({ state: 'unknown', rateLimited: false })
    expect(await shop.read(token)).toEqual(before)
  })

  it('R13 is kept as it arrived', async () => {
    const { outTradeNo } = await shop.shown()
    const { id } = await shop.payment(outTradeNo)
    await ask(outTradeNo)
    const answers = await shop.db.selectFrom('wechat_answers').selectAll().where('payment_id', '=', id).orderBy('id').execute()
    expect(answers).toMatchObject([
      { call: 'prepay', outcome: 'created', raw: '<xml>prepay</xml>' },
      { call: 'query', outcome: 'pending', raw: '<xml>query</xml>' },
    ])
  })
})
