import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { toFen } from 'wxpay-core/money'
import { cancelOrder } from '../../commands/cancelOrder.ts'
import { openTestShop, type TestShop } from '../../testing/testShop.ts'
import { closeExpiredPayment } from './closeExpiredPayment.ts'
import { preparePayment } from './preparePayment.ts'
import { sweepOpenPayments } from './sweepOpenPayments.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const minute = 60_000
const sweep = () => sweepOpenPayments(shop.tasks)
/** As a queue that was lost, or restored from an older backup. */
const loseJobs = () => shop.sql('DELETE FROM pgboss.job')

describe('the sweep', () => {
  it('R23 takes up a create, a ladder of queries and a close whose jobs were lost', async () => {
    const shown = await shop.shown()
    const paid = await shop.shown()
    shop.wechat.pay(paid.outTradeNo)
    const cancelled = await shop.shown()
    shop.wechat.during.close = () => 'lose-before'
    await cancelOrder(shop.payments, { token: cancelled.token })
    shop.wechat.during.prepay = () => 'lose-before'
    const preparing = await shop.shown()
    shop.wechat.reset()
    await loseJobs()
    shop.clock.advance(6 * minute)
    await sweep()
    await shop.work(minute)
    expect(await shop.payment(shown.outTradeNo)).toMatchObject({ status: 'closed' })
    expect(await shop.payment(paid.outTradeNo)).toMatchObject({ status: 'pending', confirmingSince: expect.any(Date) })
    expect(await shop.payment(cancelled.outTradeNo)).toMatchObject({ status: 'closed' })
    expect((await shop.read(cancelled.token)).order.status).toBe('closed')
    expect(await shop.payment(preparing.outTradeNo)).toMatchObject({ status: 'pending', action: { tradeType: 'native' } })
  })

  it('R23 makes one job of five sweeps at once, and none for what has its job', async () => {
    const lost = await shop.shown()
    await loseJobs()
    shop.clock.advance(30_000)
    const well = await shop.shown()
    await Promise.all(Array.from({ length: 5 }, sweep))
    expect(await shop.queued('query-payment', lost.outTradeNo)).toBeGreaterThanOrEqual(1)
    const asked: string[] = []
    shop.wechat.during.query = (outTradeNo) => {
      asked.push(outTradeNo)
      return 'answer'
    }
    await shop.work(61_000)
    expect(asked.filter((one) => one === lost.outTradeNo)).toHaveLength(1)
    expect(await shop.queued('query-payment', lost.outTradeNo)).toBe(1)
    expect(await shop.queued('query-payment', well.outTradeNo)).toBe(1)
  })

  it('R9 R17 leaves alone money that must be looked into', async () => {
    const wrong = await shop.shown()
    await shop.notice(shop.wechat.noticeOf(wrong.outTradeNo, { totalFen: toFen(99) }))
    const confirming = await shop.shown()
    shop.wechat.pay(confirming.outTradeNo)
    await shop.work(61_000)
    await loseJobs()
    shop.clock.advance(60 * minute)
    for (let n = 0; n < 3; n += 1) await sweep()
    const done = await shop.work(60 * minute)
    expect(done.filter((name) => name !== 'expire-order')).toEqual([])
    expect((await shop.read(wrong.token)).order.status).toBe('unpaid')
    expect((await shop.read(confirming.token)).order.status).toBe('unpaid')
    expect(await shop.payment(wrong.outTradeNo)).toMatchObject({ status: 'pending' })
    expect(await shop.payment(confirming.outTradeNo)).toMatchObject({ status: 'pending' })
  })
})

describe('an order whose last job was lost', () => {
  it('R23 ends all the same', async () => {
    const { token } = await shop.shown()
    await shop.work(6 * minute)
    expect(await shop.last(token)).toMatchObject({ status: 'closed' })
    await loseJobs()
    shop.clock.advance(29 * minute)
    await sweep()
    await shop.work(0)
    expect((await shop.read(token)).order.status).toBe('unpaid')
    shop.clock.advance(5 * minute)
    await sweep()
    await shop.work(0)
    expect((await shop.read(token)).order).toMatchObject({ status: 'closed', closedReason: 'expired' })
  })
})

describe('a queue that is behind', () => {
  it('is not given more jobs: late is not lost', async () => {
    const { outTradeNo } = await shop.shown()
    shop.clock.advance(60 * minute)
    const before = await shop.queued('query-payment', outTradeNo)
    await sweep()
    expect(await shop.queued('query-payment', outTradeNo)).toBe(before)
  })
})

describe('jobs of one payment', () => {
  it('R14 of a close never multiply, however long WeChat is silent and however often they come', async () => {
    const { outTradeNo } = await shop.shown()
    shop.wechat.during.query = () => 'lose-before'
    await shop.work(6 * minute)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closing' })
    await Promise.all(Array.from({ length: 5 }, () => closeExpiredPayment(shop.tasks, { outTradeNo })))
    await sweep()
    await shop.work(60 * minute)
    expect(await shop.queued('close-payment', outTradeNo)).toBe(1)
  })

  it('R14 a close is tried again with a backoff, not in a hurry', async () => {
    const { outTradeNo } = await shop.shown()
    await shop.work(299_000)
    shop.wechat.during.query = () => 'lose-before'
    shop.wechat.calls.length = 0
    await shop.work(60 * minute)
    const tries = shop.wechat.callsAbout(outTradeNo).length
    expect(tries).toBeGreaterThan(50)
    expect(tries).toBeLessThan(80)
  })

  it('R4 of a create never multiply', async () => {
    shop.wechat.during.prepay = () => 'lose-before'
    const { outTradeNo } = await shop.shown()
    shop.clock.advance(12_000)
    await Promise.all(Array.from({ length: 5 }, () => preparePayment(shop.tasks, { outTradeNo })))
    await shop.work(5 * minute)
    expect(await shop.queued('prepare-payment', outTradeNo)).toBe(1)
  })
})
