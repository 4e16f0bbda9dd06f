import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { IdempotencyKeyReusedError } from '../domain/errors.ts'
import type { Means } from '../domain/means.ts'
import type { Course } from '../testing/fakeWechat.ts'
import { openTestShop, type TestShop } from '../testing/testShop.ts'
import { cancelOrder } from './cancelOrder.ts'
import { extendPayment } from './extendPayment.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const lin = { appId: 'wxofficial', openId: 'oLin' }
const wang = { appId: 'wxofficial', openId: 'oWang' }
const jsapiOf = (payer: { appId: string; openId: string }): Means => ({ tradeType: 'jsapi', payer, address: '203.0.113.7' })
const jsapi = jsapiOf(lin)
const h5: Means = { tradeType: 'h5', device: 'Android', address: '2001:db8::51' }

const openBy = (means: Means, key?: string) => shop.open(key, 100, shop.context, means)
const startBy = (token: string, means: Means, key?: string) => shop.refresh(token, key, means)

/** By the order's attempts, oldest first. */
async function attempts(token: string): Promise<string[]> {
  return (await shop.read(token)).payments.map(({ tradeType, status }) => `${tradeType} ${status}`)
}

describe('a payment inside WeChat', () => {
  it('R2 is stored with its payer and their address before WeChat is called, and stays that one', async () => {
    let stored: unknown
    shop.wechat.during.prepay = async (outTradeNo): Promise<Course> => {
      const [row] = await shop.sql('SELECT request FROM payments WHERE out_trade_no = $1', [outTradeNo])
      stored = row?.['request']
      return 'answer'
    }
    const { answer } = await openBy(jsapi)
    expect(stored).toMatchObject({ tradeType: 'jsapi', ...lin, clientIp: '203.0.113.7' })
    expect(answer).toMatchObject({ status: 201, view: { tradeType: 'jsapi', attempt: 'pending' } })
    expect(answer.view.action).toMatchObject({ tradeType: 'jsapi', invoke: { appId: 'wxofficial' } })
  })

  it('is shown to its payer alone; others with the token see the order without it', async () => {
    const { token } = (await openBy(jsapi)).answer.view
    const checkout = await shop.read(token)
    expect(shop.present(checkout, lin).action).not.toBeNull()
    for (const other of [undefined, wang, { ...lin, appId: 'wxminiprogram' }]) {
      expect(shop.present(checkout, other)).toMatchObject({ attempt: 'pending', tradeType: 'jsapi', action: null })
    }
  })

  it('R14 is asked about and closed under the appid that it was made with', async () => {
    const { token } = (await openBy(jsapiOf({ appId: 'wxminiprogram', openId: 'oLin' }))).answer.view
    await cancelOrder(shop.context.payments, { token })
    expect(await attempts(token)).toEqual(['jsapi closed'])
    expect(shop.wechat.callsOf('close')).toBe(1)
  })

  it('R1 is not found by the same key of another payer', async () => {
    await openBy(jsapi, 'one-key-of-two')
    const other = openBy(jsapiOf(wang), 'one-key-of-two')
    await expect(other).rejects.toThrow(IdempotencyKeyReusedError)
  })

  it('is what a second tab of its payer gets, too', async () => {
    const { token } = (await openBy(jsapi)).answer.view
    const again = await startBy(token, jsapi)
    expect(again.answer).toMatchObject({ status: 201, view: { action: { tradeType: 'jsapi' } } })
    expect(await attempts(token)).toEqual(['jsapi pending'])
  })

  it('gives way to the attempt of another payer, also when it is fresh', async () => {
    const { token } = (await openBy(jsapi)).answer.view
    const { answer } = await startBy(token, jsapiOf(wang))
    expect(answer).toMatchObject({ status: 201, view: { action: { tradeType: 'jsapi' } } })
    expect(await attempts(token)).toEqual(['jsapi closed', 'jsapi pending'])
    expect((await shop.last(token)).means).toEqual(jsapiOf(wang))
  })
})

describe('an h5 link', () => {
  it('names the phone by its address, and leads back to the order', async () => {
    const { answer } = await openBy(h5)
    const { token, action } = answer.view
    const { outTradeNo, means } = await shop.last(token)
    expect(means).toEqual(h5)
    const returnUrl = encodeURIComponent(`https://shop.example/pay/${token}`)
    const wechats = `https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx${outTradeNo}&package=1`
    expect(action).toEqual({ tradeType: 'h5', url: `${wechats}&redirect_url=${returnUrl}` })
    expect(JSON.stringify(shop.wechat.trades.get(outTradeNo)?.request)).not.toContain('redirect')
  })

  it('is shown no longer than WeChat’s five minutes, whatever the setting of the countdown', async () => {
    const { payments, ...context } = shop.context
    const patient = { ...context, payments: { ...payments, life: { ...payments.life, qrMs: 600_000 } } }
    shop.wechat.during.prepay = (): Course => {
      shop.clock.advance(2_000)
      return 'answer'
    }
    const { view } = (await shop.open(undefined, 100, patient, h5)).answer
    expect(view.remainingMs).toBe(298_000)
    shop.clock.advance(60_000)
    await expect(extendPayment(patient.payments, { token: view.token })).rejects.toMatchObject({ code: 'order_not_extendable' })
  })

  it('is replaced when the phone has another address by now', async () => {
    const { token } = (await openBy(h5)).answer.view
    await startBy(token, { ...h5, address: '203.0.113.99' })
    expect(await attempts(token)).toEqual(['h5 closed', 'h5 pending'])
  })
})

describe('an order that is begun one way and finished another', () => {
  it.each([
    ['as a code', 'by jsapi', { tradeType: 'native' }, jsapi],
    ['as a code', 'by h5', { tradeType: 'native' }, h5],
    ['by jsapi', 'as a code', jsapi, { tradeType: 'native' }],
  ] as [string, string, Means, Means][])(
    'R14 queries and closes the first, however fresh: begun %s, finished %s',
    async (_a, _b, first, second) => {
      const { token } = (await openBy(first)).answer.view
      const { outTradeNo } = await shop.last(token)
      shop.wechat.calls.length = 0
      const { answer } = await startBy(token, second)
      expect(answer).toMatchObject({ status: 201, view: { tradeType: second.tradeType, action: { tradeType: second.tradeType } } })
      expect(shop.wechat.callsAbout(outTradeNo)).toEqual(['query', 'close', 'query'])
      expect(await attempts(token)).toEqual([`${first.tradeType} closed`, `${second.tradeType} pending`])
    },
  )

  it('R14 begins nothing while the close of the first is unknown', async () => {
    const { token } = (await openBy({ tradeType: 'native' })).answer.view
    shop.wechat.during.close = (): Course => 'lose-after'
    expect((await startBy(token, jsapi)).answer).toMatchObject({ status: 202, view: { attempt: 'closing', action: null } })
    expect(await attempts(token)).toEqual(['native closing'])
  })

  it('R14 has one open attempt when both ways are asked for at once, and nobody is given the other’s', async () => {
    const { token } = (await openBy({ tradeType: 'native' })).answer.view
    const answers = await Promise.all([startBy(token, jsapi), startBy(token, h5)])
    expect((await attempts(token)).filter((one) => /pending|preparing/.test(one)).length).toBeLessThanOrEqual(1)
    for (const [index, { answer }] of answers.entries()) {
      const asked = index === 0 ? 'jsapi' : 'h5'
      if (answer.status === 201) expect([asked, undefined]).toContain(answer.view.action?.tradeType)
      else expect(answer.status).toBe(202)
    }
    await shop.work(60_000)
    shop.clock.advance(10_001)
    expect((await startBy(token, jsapi)).answer).toMatchObject({ status: 201, view: { action: { tradeType: 'jsapi' } } })
  })

  it('R12 flags the second as a duplicate when both are paid, however the two notices race', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { token } = (await openBy({ tradeType: 'native' })).answer.view
      const first = await shop.last(token)
      await startBy(token, jsapi)
      const second = await shop.last(token)
      shop.wechat.payLate(first.outTradeNo)
      const notices = [shop.wechat.noticeOf(first.outTradeNo), shop.wechat.pay(second.outTradeNo)]
      await Promise.all(notices.map((notice) => shop.notice(notice)))
      const { order, payments } = await shop.read(token)
      expect(order.status).toBe('paid')
      expect(payments.map(({ status }) => status)).toEqual(['paid', 'paid'])
      expect(payments.filter(({ anomalies }) => anomalies.includes('duplicate'))).toHaveLength(1)
    }
  })
})

describe('a create whose first answer was lost', () => {
  it.each([
    ['jsapi', jsapi],
    ['h5', h5],
  ] as [string, Means][])('R4 is repeated with the same parameters: %s', async (tradeType, means) => {
    shop.wechat.during.prepay = (): Course => 'lose-after'
    const { token } = (await openBy(means)).answer.view
    const { outTradeNo } = await shop.last(token)
    shop.wechat.during.prepay = (): Course => 'answer'
    await shop.work(30_000)
    expect(shop.wechat.trades.size).toBeGreaterThan(0)
    expect(await attempts(token)).toEqual([`${tradeType} pending`])
    expect((await shop.last(token)).outTradeNo).toBe(outTradeNo)
  })

  it.each(
    [jsapi, h5].flatMap((means) => (['number-in-use', 'paid'] as const).map((meaning) => ({ tradeType: means.tradeType, means, meaning }))),
  )('R4 is asked about, never refused, when WeChat answers the repeat with $meaning ($tradeType)', async ({ means, meaning }) => {
    shop.wechat.during.prepay = (): Course => 'lose-after'
    const { token } = (await openBy(means)).answer.view
    const { outTradeNo } = await shop.last(token)
    if (meaning === 'paid') shop.wechat.pay(outTradeNo)
    shop.wechat.during.prepay = (): Course => 'answer'
    shop.wechat.refuseWith = { meaning, code: 'USED', description: '商户订单号重复' }
    await shop.work(60_000)
    expect(shop.wechat.callsAbout(outTradeNo)).toContain('query')
    const payment = await shop.last(token)
    expect(payment.status).not.toBe('refused')
    if (meaning === 'paid') expect(payment.confirmingSince).not.toBeNull()
    else expect(payment.status).toBe('closed')
  })
})
