import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestShop, type TestShop } from '../testing/testShop.ts'
import { cancelOrder } from '../commands/cancelOrder.ts'
import { countOrdersOfAddress } from './orders.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(async () => {
  await shop.reset()
  shop.clock.advance(120_000)
})
afterAll(() => shop.close())

const count = (address = '203.0.113.7') => countOrdersOfAddress(shop.db, address, new Date(shop.clock.now().getTime() - 60_000))

describe('the orders of an address', () => {
  it('R25 are counted by what was opened a moment ago and by what can still be paid', async () => {
    const first = await shop.shown()
    const second = await shop.shown()
    expect(await count()).toEqual({ recent: 2, open: 2 })
    shop.clock.advance(61_000)
    const third = await shop.shown()
    expect(await count()).toEqual({ recent: 1, open: 3 })
    await cancelOrder(shop.payments, { token: first.token })
    await shop.notice(shop.wechat.pay(second.outTradeNo))
    expect(await count()).toEqual({ recent: 1, open: 1 })
    await shop.refresh(third.token)
    expect(await count()).toEqual({ recent: 1, open: 1 })
  })

  it('R25 of another address do not count', async () => {
    await shop.shown()
    expect(await count('203.0.113.8')).toEqual({ recent: 0, open: 0 })
  })
})
