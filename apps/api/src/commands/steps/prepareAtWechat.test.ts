import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RefusalMeaning } from 'wxpay-core/protocol'
import type { Course } from '../../testing/fakeWechat.ts'
import { openTestShop, type TestShop } from '../../testing/testShop.ts'
import { closeAtWechat } from './closeAtWechat.ts'
import { prepareAtWechat } from './prepareAtWechat.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const minute = 60_000

describe('a create without an answer to trust', () => {
  it.each(['lose-before', 'lose-after'] as const)(
    'R4 stays preparing (%s) and is repeated by a job with the same number until there is one',
    async (course) => {
      let lost = 0
      shop.wechat.during.prepay = (): Course => (lost++ < 4 ? course : 'answer')
      const { token, outTradeNo } = await shop.shown()
      expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'preparing', action: null })
      await shop.work(minute)
      expect((await shop.read(token)).payments).toMatchObject([{ status: 'pending', outTradeNo }])
      expect(shop.wechat.callsAbout(outTradeNo)).toEqual(['prepay', 'prepay', 'prepay', 'prepay', 'prepay'])
    },
  )

  it('R4 is never taken for a failure: after an hour of silence the payment is closed by the book, once WeChat answers', async () => {
    Object.assign(shop.wechat.during, { prepay: () => 'lose-before', query: () => 'lose-before', close: () => 'lose-before' })
    const { token, outTradeNo } = await shop.shown()
    await shop.work(60 * minute)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closing' })
    shop.wechat.reset()
    await shop.work(2 * minute)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closed' })
    expect(shop.wechat.callsOf('prepay')).toBe(0)
    expect((await shop.read(token)).order.status).toBe('unpaid')
  })

  it('R4 is not sent again when less than a minute of the trade’s life is left', async () => {
    shop.wechat.during.prepay = () => 'lose-before'
    const { outTradeNo } = await shop.shown()
    const { expiresAt } = await shop.payment(outTradeNo)
    const sent: Date[] = []
    shop.wechat.during.prepay = () => {
      sent.push(shop.clock.now())
      return 'lose-before'
    }
    await shop.work(20 * minute)
    expect(Math.max(...sent.map((at) => at.getTime()))).toBeLessThan(expiresAt.getTime() - minute)
  })

  it('R2 whose process died after the call is repeated and loses nothing', async () => {
    shop.wechat.after.prepay = () => Promise.reject(new Error('kill -9'))
    await expect(shop.open()).rejects.toThrow('kill -9')
    const { outTradeNo } = await shop.onlyOpenPayment()
    shop.wechat.after = {}
    await shop.work(minute)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'pending', action: { codeUrl: expect.stringContaining(outTradeNo) } })
    expect(shop.wechat.trades.get(outTradeNo)).toMatchObject({ state: 'pending' })
  })

  it('R2 finds the trade paid that an answer was lost of: closed by the book, never created under another number', async () => {
    shop.wechat.during.prepay = () => 'lose-after'
    const { token, outTradeNo } = await shop.shown()
    shop.wechat.pay(outTradeNo)
    shop.wechat.during.prepay = () => 'answer'
    await shop.work(minute)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'pending', confirmingSince: expect.any(Date), action: null })
    expect((await shop.read(token)).payments).toHaveLength(1)
    expect(await shop.notice(shop.wechat.noticeOf(outTradeNo))).toBe('applied')
  })

  it.each(['number-in-use', 'paid'] as const)('R4 is not refused by "%s": the trade exists, is asked about and closed', async (meaning) => {
    shop.wechat.during.prepay = () => 'lose-after'
    const { outTradeNo } = await shop.shown()
    shop.wechat.during.prepay = () => 'answer'
    shop.wechat.refuseWith = { meaning, code: 'CODE', description: '' }
    await shop.work(minute)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closed', refusal: null })
    expect(shop.wechat.trades.get(outTradeNo)).toMatchObject({ state: 'closed' })
    expect(shop.wechat.callsAbout(outTradeNo)).toEqual(expect.arrayContaining(['query', 'close']))
  })
})

describe('a create that was overtaken by the next try, which brought the code,', () => {
  /** Ends with the refusal of the first try, while WeChat does not answer queries. */
  async function refusedTooLate(meaning: RefusalMeaning, meanwhile: (outTradeNo: string) => Promise<unknown>): Promise<string> {
    const asked = Promise.withResolvers<string>()
    const answered = Promise.withResolvers<Course>()
    shop.wechat.during.prepay = (outTradeNo) => {
      shop.wechat.during.prepay = () => 'answer'
      asked.resolve(outTradeNo)
      return answered.promise
    }
    const opening = shop.open()
    const outTradeNo = await asked.promise
    shop.clock.advance(11_000) // the lease is over: this process stood still
    await prepareAtWechat(shop.payments, await shop.payment(outTradeNo))
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'pending' })
    shop.wechat.during.query = () => 'lose-before'
    await meanwhile(outTradeNo)
    shop.wechat.refuseWith = { meaning, code: 'CODE', description: '' }
    answered.resolve('answer')
    await opening
    return outTradeNo
  }

  it.each(['other', 'closed'] as const)('R14 does not close that code when it is refused (%s)', async (meaning) => {
    const outTradeNo = await refusedTooLate(meaning, () => Promise.resolve())
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'pending', refusal: null })
  })

  it.each(['other', 'closed'] as const)('R14 does not end the close of that code when it is refused (%s)', async (meaning) => {
    const outTradeNo = await refusedTooLate(meaning, (number) =>
      closeAtWechat(shop.payments, number, { reason: 'cancelled', source: 'shopper' }),
    )
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closing' })
    shop.wechat.reset()
    await shop.work(minute)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closed' })
    expect(shop.wechat.callsAbout(outTradeNo)).toContain('close')
  })
})

describe('a create that WeChat answers', () => {
  it('ends a cancelled payment at once when it is refused: there is no code, and nothing to wait for', async () => {
    shop.wechat.during.prepay = async (outTradeNo): Promise<Course> => {
      await closeAtWechat(shop.payments, outTradeNo, { reason: 'cancelled', source: 'shopper' })
      expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closing' })
      shop.wechat.refuseWith = { code: 'CODE', description: '' }
      return 'answer'
    }
    const { token, outTradeNo } = await shop.shown()
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closed' })
    expect((await shop.read(token)).order).toMatchObject({ status: 'closed', closedReason: 'cancelled' })
  })

  it('is closed, not refused, when WeChat says that the trade was closed: an earlier close was carried out', async () => {
    shop.wechat.refuseWith = { meaning: 'closed', code: 'CODE', description: '' }
    const { outTradeNo } = await shop.shown()
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closed', refusal: null })
    expect(shop.wechat.callsAbout(outTradeNo)).toEqual(['prepay'])
  })

  it('R3 holds no lock over the call: the order can be changed meanwhile', async () => {
    let version = 0
    shop.wechat.during.prepay = async (outTradeNo): Promise<Course> => {
      await shop.holdingOrder(outTradeNo, async () => {
        version += 1
      })
      return 'answer'
    }
    await shop.shown()
    expect(version).toBe(1)
  })

  it('R3 drops the code when another attempt has brought the money, and closes it at WeChat', async () => {
    const { token, outTradeNo: old } = await shop.shown()
    shop.clock.advance(minute)
    shop.wechat.after.prepay = async () => {
      expect(await shop.notice(shop.wechat.noticeOf(old))).toBe('applied')
    }
    const { answer } = await shop.refresh(token)
    expect(answer.view).toMatchObject({ status: 'paid', action: null, remainingMs: null })
    const second = await shop.last(token)
    expect(second).toMatchObject({ status: 'closing', action: null, closeReason: 'order-paid' })
    await shop.work(1_000)
    expect(await shop.payment(second.outTradeNo)).toMatchObject({ status: 'closed' })
    expect(shop.wechat.trades.get(second.outTradeNo)).toMatchObject({ state: 'closed' })
  })

  it('R2 sends nothing when the payment is not preparing any more', async () => {
    const { outTradeNo } = await shop.shown()
    shop.wechat.calls.length = 0
    await prepareAtWechat(shop.payments, await shop.payment(outTradeNo))
    expect(shop.wechat.calls).toEqual([])
  })

  it('R14 begins the countdown when the code is there, and never lets it outlive WeChat’s time', async () => {
    shop.wechat.during.prepay = () => 'lose-before'
    const { outTradeNo } = await shop.shown()
    await shop.work(12 * minute)
    shop.wechat.during.prepay = () => 'answer'
    await shop.work(1.5 * minute)
    const { status, codeExpiresAt, expiresAt } = await shop.payment(outTradeNo)
    expect({ status, codeExpiresAt }).toEqual({ status: 'pending', codeExpiresAt: expiresAt })
  })

  it('tells WeChat of whole seconds and keeps to what it told', async () => {
    shop.clock.advance(123)
    const { outTradeNo } = await shop.shown()
    const told = shop.wechat.trades.get(outTradeNo)?.request.expiresAt
    expect(told?.getMilliseconds()).toBe(0)
    expect((await shop.payment(outTradeNo)).expiresAt).toEqual(told)
  })
})
