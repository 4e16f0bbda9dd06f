import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cancelOrder } from '../commands/cancelOrder.ts'
import { prepareAtWechat } from '../commands/steps/prepareAtWechat.ts'
import type { Course } from '../testing/fakeWechat.ts'
import { openTestShop, type TestShop } from '../testing/testShop.ts'
import { claimPrepare, findPaymentNumber, releasePrepare } from './payments.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const leaseMs = 15_000
const claim = (outTradeNo: string) => claimPrepare(shop.db, outTradeNo, { now: shop.clock.now(), leaseMs })

const release = (outTradeNo: string) => shop.db.transaction().execute((tx) => releasePrepare(tx, outTradeNo))

/** A payment whose create got no answer. */
async function preparing() {
  shop.wechat.during.prepay = () => 'lose-before'
  const shown = await shop.shown()
  shop.wechat.reset()
  return shown
}

describe('the create of a payment', () => {
  it('R2 belongs to one of ten who want to send it at once', async () => {
    const { outTradeNo } = await preparing()
    const claims = await Promise.all(Array.from({ length: 10 }, () => claim(outTradeNo)))
    expect(claims.filter((request) => request !== undefined)).toHaveLength(1)
  })

  it('R2 is sent by one of ten at a time, also without the jobs’ own order', async () => {
    const { outTradeNo } = await preparing()
    const payment = await shop.payment(outTradeNo)
    let inside = 0
    let most = 0
    shop.wechat.during.prepay = async (): Promise<Course> => {
      most = Math.max(most, (inside += 1))
      await shop.sql('SELECT 1')
      inside -= 1
      return 'lose-before'
    }
    await Promise.all(Array.from({ length: 10 }, () => prepareAtWechat(shop.payments, payment)))
    expect(most).toBe(1)
  })

  it('R23 is free again when the lease of a dead caller has run out, and not before', async () => {
    const { outTradeNo } = await preparing()
    expect(await claim(outTradeNo)).toBeDefined()
    shop.clock.advance(leaseMs - 1)
    expect(await claim(outTradeNo)).toBeUndefined()
    shop.clock.advance(1)
    expect(await claim(outTradeNo)).toBeDefined()
  })

  it('R4 is free at once when the answer was unknown', async () => {
    const { outTradeNo } = await preparing()
    await claim(outTradeNo)
    await release(outTradeNo)
    expect(await claim(outTradeNo)).toBeDefined()
  })

  it('R2 is the same request each time, to the second', async () => {
    const { outTradeNo } = await preparing()
    const first = await claim(outTradeNo)
    await release(outTradeNo)
    expect(await claim(outTradeNo)).toEqual(first)
    expect(first).toMatchObject({ outTradeNo, totalFen: 100, expiresAt: (await shop.payment(outTradeNo)).expiresAt })
  })

  it('R3 is nobody’s once the payment is being closed, was paid, or has its code', async () => {
    const closing = await preparing()
    shop.wechat.during.query = () => 'lose-before'
    await cancelOrder(shop.payments, { token: closing.token })
    shop.clock.advance(60_000)
    expect(await shop.payment(closing.outTradeNo)).toMatchObject({ status: 'closing' })
    expect(await claim(closing.outTradeNo)).toBeUndefined()
    shop.wechat.reset()
    const shown = await shop.shown()
    shop.clock.advance(60_000)
    expect(await claim(shown.outTradeNo)).toBeUndefined()
    await shop.notice(shop.wechat.pay(shown.outTradeNo))
    expect(await claim(shown.outTradeNo)).toBeUndefined()
  })
})

describe('a number that an operator types', () => {
  it('may be the payment’s, WeChat’s, that of a refund, or the order’s, which means its latest payment', async () => {
    const { token, outTradeNo } = await shop.shown()
    await shop.notice(shop.wechat.pay(outTradeNo))
    const { order, payments } = await shop.read(token)
    const { refund } = await shop.refund(outTradeNo, 1)
    const numbers = [outTradeNo, payments[0]?.transactionId ?? '', order.orderNo, refund.outRefundNo]
    for (const number of numbers) expect(await findPaymentNumber(shop.db, number)).toBe(outTradeNo)
    expect(await findPaymentNumber(shop.db, 'nothing has this')).toBeUndefined()
  })
})
