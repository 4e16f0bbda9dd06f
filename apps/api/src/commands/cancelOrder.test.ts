import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CheckoutNotFoundError, OrderNotCancellableError } from '../domain/errors.ts'
import type { Course } from '../testing/fakeWechat.ts'
import { openTestShop, type TestShop } from '../testing/testShop.ts'
import { cancelOrder } from './cancelOrder.ts'
import { closeAtWechat } from './steps/closeAtWechat.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const cancel = (token: string) => cancelOrder(shop.payments, { token })

describe('a cancel', () => {
  it('R14 closes the code at WeChat first, then the order', async () => {
    const { token, outTradeNo } = await shop.shown()
    const { outcome, checkout } = await cancel(token)
    expect(outcome).toBe('closed')
    expect(checkout.order).toMatchObject({ status: 'closed', closedReason: 'cancelled' })
    expect(shop.wechat.trades.get(outTradeNo)).toMatchObject({ state: 'closed' })
    expect((await shop.eventTypes(token)).slice(-3)).toEqual(['payment.closing', 'payment.closed', 'order.closed'])
  })

  it('answers the same when it comes again, and five at once are one', async () => {
    const { token } = await shop.shown()
    const results = await Promise.all(Array.from({ length: 5 }, () => cancel(token)))
    // Whoever comes while another closes is told that it is closing.
    expect(results.map(({ outcome }) => outcome)).toContain('closed')
    expect((await shop.read(token)).order.status).toBe('closed')
    expect(await cancel(token)).toMatchObject({ outcome: 'closed' })
    expect((await shop.eventTypes(token)).filter((type) => type === 'order.closed')).toHaveLength(1)
  })

  it('R14 is closing while the close is unknown, and a job ends the order', async () => {
    const { token } = await shop.shown()
    shop.wechat.during.close = () => 'lose-before'
    expect(await cancel(token)).toMatchObject({ outcome: 'closing', checkout: { order: { status: 'unpaid' } } })
    shop.wechat.during.close = () => 'answer'
    await shop.work(25_000)
    expect((await shop.read(token)).order).toMatchObject({ status: 'closed', closedReason: 'cancelled' })
  })

  it('R14 ends the order also when the close had begun for another reason', async () => {
    const { token, outTradeNo } = await shop.shown()
    shop.wechat.during.close = () => 'lose-before'
    await closeAtWechat(shop.payments, outTradeNo, { reason: 'expired', source: 'clock' })
    expect(await cancel(token)).toMatchObject({ outcome: 'closing' })
    shop.wechat.during.close = () => 'answer'
    await shop.work(25_000)
    expect((await shop.read(token)).order.status).toBe('closed')
  })

  it.each(['query', 'close'] as const)(
    'R14 is refused when the payer is faster, during the %s; the order stays open for the notice',
    async (call) => {
      const { token, outTradeNo } = await shop.shown()
      let paid = false
      shop.wechat.during[call] = (): Course => {
        if (!paid) shop.wechat.pay(outTradeNo)
        paid = true
        return 'answer'
      }
      await expect(cancel(token)).rejects.toThrow(OrderNotCancellableError)
      expect((await shop.read(token)).order.status).toBe('unpaid')
      expect(await shop.notice(shop.wechat.noticeOf(outTradeNo))).toBe('applied')
      expect((await shop.read(token)).order.status).toBe('paid')
      await expect(cancel(token)).rejects.toThrow(OrderNotCancellableError)
    },
  )

  it('R14 and a payment at the same time end in one truth, whoever is first', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { token, outTradeNo } = await shop.shown()
      const notice = shop.wechat.pay(outTradeNo)
      const [cancelled, paid] = await Promise.allSettled([cancel(token), shop.notice(notice)])
      expect(cancelled.status).toBe('rejected')
      expect(paid).toEqual({ status: 'fulfilled', value: 'applied' })
      expect((await shop.read(token)).order.status).toBe('paid')
    }
  })

  it('R3 of an order whose create is under way waits until the create can not land any more', async () => {
    shop.wechat.during.prepay = () => 'lose-before'
    const { token } = await shop.shown()
    expect(await cancel(token)).toMatchObject({ outcome: 'closing' })
    await shop.work(29_000)
    expect((await shop.read(token)).order.status).toBe('unpaid')
    await shop.work(30_000)
    expect((await shop.read(token)).order.status).toBe('closed')
    expect(shop.wechat.callsOf('prepay')).toBe(1)
  })

  it('R3 repeats no create that it has stopped', async () => {
    shop.wechat.during.prepay = () => 'lose-before'
    const { token, outTradeNo } = await shop.shown()
    await cancel(token)
    await shop.work(120_000)
    expect(shop.wechat.callsAbout(outTradeNo).filter((call) => call === 'prepay')).toHaveLength(1)
  })

  it('ends an order whose only attempt was refused, or has expired', async () => {
    shop.wechat.refuseWith = { code: 'NOAUTH', description: '未开通' }
    const refused = await shop.shown()
    expect(await cancel(refused.token)).toMatchObject({ outcome: 'closed' })
    shop.wechat.refuseWith = undefined
    const expired = await shop.shown()
    await shop.work(310_000)
    expect(await shop.payment(expired.outTradeNo)).toMatchObject({ status: 'closed' })
    expect(await cancel(expired.token)).toMatchObject({ outcome: 'closed', checkout: { order: { closedReason: 'cancelled' } } })
  })

  it('R17 is refused while an attempt is confirming', async () => {
    const { token, outTradeNo } = await shop.shown()
    shop.wechat.pay(outTradeNo)
    await shop.work(61_000)
    expect(await shop.payment(outTradeNo)).toMatchObject({ confirmingSince: expect.any(Date) })
    await expect(cancel(token)).rejects.toThrow(OrderNotCancellableError)
  })

  it('knows no order that is not there', async () => {
    await expect(cancel('no-such-token-at-all-here')).rejects.toThrow(CheckoutNotFoundError)
  })
})
