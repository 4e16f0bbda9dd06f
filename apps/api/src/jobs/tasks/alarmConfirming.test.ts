import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestShop, type TestShop } from '../../testing/testShop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const minute = 60_000

describe('a payment that WeChat says is paid, without its notice', () => {
  it('R17 is alarmed after 10 min, once', async () => {
    const { outTradeNo } = await shop.shown()
    shop.wechat.pay(outTradeNo)
    await shop.work(minute)
    expect(await shop.payment(outTradeNo)).toMatchObject({ confirmingSince: shop.clock.now() })
    await shop.work(9.9 * minute)
    expect(shop.anomalies).toEqual([])
    await shop.work(0.2 * minute)
    expect(shop.anomalies).toEqual(['confirming-too-long'])
    await shop.work(24 * 60 * minute)
    expect(shop.anomalies).toEqual(['confirming-too-long'])
  })

  it('R17 is not alarmed when the notice has come', async () => {
    const { outTradeNo } = await shop.shown()
    shop.wechat.pay(outTradeNo)
    await shop.work(2 * minute)
    await shop.notice(shop.wechat.noticeOf(outTradeNo))
    await shop.work(60 * minute)
    expect(shop.anomalies).toEqual([])
  })
})
