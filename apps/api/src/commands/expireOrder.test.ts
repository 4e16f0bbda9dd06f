import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { toFen } from 'wxpay-core/money'
import { openTestShop, type TestShop } from '../testing/testShop.ts'
import { expireOrder } from './expireOrder.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const minute = 60_000

describe('an order that nobody pays', () => {
  it('R14 expires 30 min after its last attempt was closed, and not before', async () => {
    const { token, orderId } = await shop.shown()
    await shop.work(5 * minute)
    expect(await shop.last(token)).toMatchObject({ status: 'closed', closeReason: 'expired' })
    await expireOrder(shop.payments, { orderId })
    await shop.work(29 * minute)
    expect((await shop.read(token)).order.status).toBe('unpaid')
    await shop.work(minute)
    expect((await shop.read(token)).order).toMatchObject({ status: 'closed', closedReason: 'expired', closedAt: expect.any(Date) })
    expect((await shop.eventTypes(token)).at(-1)).toBe('order.closed')
  })

  it('R14 lives on with a newer attempt, and ends 30 min after that one', async () => {
    const { token } = await shop.shown()
    await shop.work(25 * minute)
    await shop.refresh(token)
    await shop.work(12 * minute)
    expect((await shop.read(token)).order.status).toBe('unpaid')
    await shop.work(24 * minute)
    expect((await shop.read(token)).order).toMatchObject({ status: 'closed', closedReason: 'expired' })
  })

  it('expires when WeChat refused every create', async () => {
    shop.wechat.refuseWith = { code: 'NOAUTH', description: '未开通' }
    const { token } = await shop.shown()
    await shop.work(29 * minute)
    expect((await shop.read(token)).order.status).toBe('unpaid')
    await shop.work(2 * minute)
    expect((await shop.read(token)).order.status).toBe('closed')
  })

  it('R14 does not expire while its close is unknown', async () => {
    const { token } = await shop.shown()
    shop.wechat.during.close = () => 'lose-before'
    await shop.work(120 * minute)
    expect((await shop.read(token)).order.status).toBe('unpaid')
    expect(await shop.last(token)).toMatchObject({ status: 'closing' })
  })

  it('R17 does not expire while WeChat says paid', async () => {
    const { token, outTradeNo } = await shop.shown()
    shop.wechat.pay(outTradeNo)
    await shop.work(24 * 60 * minute)
    expect((await shop.read(token)).order.status).toBe('unpaid')
    expect(await shop.notice(shop.wechat.noticeOf(outTradeNo))).toBe('applied')
    expect((await shop.read(token)).order.status).toBe('paid')
  })

  it('R9 does not expire when the wrong money came for a closed attempt', async () => {
    const { token, outTradeNo } = await shop.shown()
    await shop.work(6 * minute)
    expect(await shop.notice(shop.wechat.noticeOf(outTradeNo, { totalFen: toFen(99) }))).toBe('flagged')
    await shop.work(60 * minute)
    expect((await shop.read(token)).order.status).toBe('unpaid')
  })

  it('R11 is not expired after it was paid', async () => {
    const { token, orderId, outTradeNo } = await shop.shown()
    await shop.notice(shop.wechat.pay(outTradeNo))
    shop.clock.advance(60 * minute)
    await expireOrder(shop.payments, { orderId })
    expect((await shop.read(token)).order.status).toBe('paid')
  })
})
