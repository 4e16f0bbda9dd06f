import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestShop, type TestShop } from '../../testing/testShop.ts'
import { acceptPayment } from '../acceptPayment.ts'
import { cancelOrder } from '../cancelOrder.ts'
import { tellMissingKeys } from '../tellMissingKeys.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const hour = 3_600_000

/** A payment of each protocol: the older one was shown before the shop changed over. */
async function changedOver() {
  const old = await shop.shown()
  shop.speak(shop.otherWechat, shop.wechat)
  const fresh = await shop.shown()
  shop.wechat.calls.length = 0
  shop.otherWechat.calls.length = 0
  return { old, fresh }
}

describe('a shop that changes its protocol while orders are open', () => {
  it('makes new payments by the new one, and each keeps its own', async () => {
    const { old, fresh } = await changedOver()
    expect((await shop.payment(old.outTradeNo)).protocol).toBe(shop.wechat.protocol)
    expect((await shop.payment(fresh.outTradeNo)).protocol).toBe(shop.otherWechat.protocol)
    expect([...shop.otherWechat.trades.keys()]).toEqual([fresh.outTradeNo])
  })

  it('R14 R16 queries and closes the old payment by the old protocol and the new one by the new', async () => {
    const { old, fresh } = await changedOver()
    await shop.work(hour)
    for (const { outTradeNo } of [old, fresh]) expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closed' })
    expect(shop.wechat.callsAbout(old.outTradeNo)).toEqual(expect.arrayContaining(['query', 'close']))
    expect(shop.otherWechat.callsAbout(fresh.outTradeNo)).toEqual(expect.arrayContaining(['query', 'close']))
    expect(shop.wechat.callsAbout(fresh.outTradeNo)).toEqual([])
    expect(shop.otherWechat.callsAbout(old.outTradeNo)).toEqual([])
  })

  it('R2 repeats a create that got no answer by the protocol that it was first sent with', async () => {
    shop.wechat.during.prepay = () => 'lose-before'
    const { outTradeNo } = await shop.shown()
    shop.wechat.during.prepay = () => 'answer'
    shop.speak(shop.otherWechat, shop.wechat)
    await shop.work(60_000)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'pending', protocol: shop.wechat.protocol })
    expect(shop.otherWechat.callsAbout(outTradeNo)).toEqual([])
  })

  it('R14 refreshes an old code: the old attempt is closed by the old protocol, the new one is made by the new', async () => {
    const { old } = await changedOver()
    shop.clock.advance(60_000)
    await shop.refresh(old.token)
    const second = await shop.last(old.token)
    expect(shop.wechat.callsAbout(old.outTradeNo)).toEqual(['query', 'close', 'query'])
    expect(shop.otherWechat.callsAbout(second.outTradeNo)).toEqual(['prepay'])
  })

  it('R6 takes the notice of an old payment', async () => {
    const { old } = await changedOver()
    expect(await shop.notice(shop.wechat.pay(old.outTradeNo))).toBe('applied')
    expect((await shop.read(old.token)).order.status).toBe('paid')
  })
})

describe('a payment whose keys are not set any more', () => {
  it('R4 R14 is never closed, failed or expired by us alone, however long that is', async () => {
    const { token, outTradeNo } = await shop.shown()
    shop.speak(shop.otherWechat)
    await shop.work(6 * hour)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closing', closedAt: null })
    expect((await shop.read(token)).order).toMatchObject({ status: 'unpaid', closedReason: null })
    expect(new Set(shop.keysMissing)).toEqual(
      new Set([`payments of protocol ${shop.wechat.protocol} need USUAL_KEY, as they were when the payment was made`]),
    )
  })

  it('R14 goes on when the keys are back', async () => {
    const { outTradeNo } = await shop.shown()
    shop.speak(shop.otherWechat)
    await shop.work(hour)
    shop.speak(shop.otherWechat, shop.wechat)
    await shop.work(hour)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closed' })
  })

  it('R4 stays preparing when its create got no answer', async () => {
    shop.wechat.during.prepay = () => 'lose-after'
    const { outTradeNo } = await shop.shown()
    shop.speak(shop.otherWechat)
    await shop.work(60_000)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'preparing', refusal: null })
  })

  it('R14 is not replaced by a new attempt, and a cancel waits', async () => {
    const { token, outTradeNo } = await shop.shown()
    shop.speak(shop.otherWechat)
    shop.clock.advance(60_000)
    expect(await shop.refresh(token)).toMatchObject({ answer: { status: 202 } })
    expect(await cancelOrder(shop.payments, { token })).toMatchObject({ outcome: 'closing' })
    expect((await shop.read(token)).payments).toMatchObject([{ outTradeNo, status: 'closing' }])
  })

  it('R17 is not accepted', async () => {
    const { outTradeNo } = await shop.shown()
    await shop.sql('UPDATE payments SET confirming_since = now() WHERE out_trade_no = $1', [outTradeNo])
    shop.speak(shop.otherWechat)
    expect(await acceptPayment(shop.payments, { outTradeNo, operator: 'lin' })).toEqual({ accepted: false, reason: 'no-answer' })
  })

  it('is told of at the start, once per protocol and with the settings that are missing', async () => {
    const told: [string, unknown][] = []
    const tell = (wechat: TestShop['payments']['wechat']) =>
      tellMissingKeys({
        ...shop.payments,
        wechat,
        alarms: { ...shop.payments.alarms, keysMissing: ({ message }, about) => told.push([message, about]) },
      })
    await shop.shown()
    await shop.shown()
    await tell(shop.payments.wechat)
    expect(told).toEqual([])
    shop.speak(shop.otherWechat)
    await shop.shown()
    await tell(shop.payments.wechat)
    expect(told).toEqual([[expect.stringContaining('USUAL_KEY'), { openPayments: 2 }]])
  })
})
