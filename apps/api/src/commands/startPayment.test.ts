import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CheckoutNotFoundError } from '../domain/errors.ts'
import type { Course } from '../testing/fakeWechat.ts'
import { openTestShop, type TestShop } from '../testing/testShop.ts'
import { cancelOrder } from './cancelOrder.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

/** An order whose code was shown long enough ago that a new one is really wanted. */
async function shownLongAgo() {
  const shown = await shop.shown()
  shop.clock.advance(60_000)
  shop.wechat.calls.length = 0
  return shown
}

const statusesOf = async (token: string) => (await shop.read(token)).payments.map(({ status }) => status)

describe('a new code', () => {
  it('R14 comes after the old one is closed at WeChat, and never beside it', async () => {
    const { token, outTradeNo } = await shownLongAgo()
    shop.wechat.during.prepay = (): Course => {
      expect(shop.wechat.trades.get(outTradeNo)).toMatchObject({ state: 'closed' })
      return 'answer'
    }
    const { answer } = await shop.refresh(token)
    expect(answer).toMatchObject({ status: 201, errorCode: null, view: { attempt: 'pending', remainingMs: 300_000 } })
    const { payments } = await shop.read(token)
    expect(payments).toMatchObject([{ status: 'closed', closeReason: 'replaced', outTradeNo }, { status: 'pending' }])
    expect(shop.wechat.calls.map(({ call }) => call)).toEqual(['query', 'close', 'query', 'prepay'])
  })

  it('raises the order’s version, so that waiting pages see it', async () => {
    const { token } = await shownLongAgo()
    const before = (await shop.read(token)).order.version
    const { answer } = await shop.refresh(token)
    expect(answer.view.version).toBeGreaterThan(before)
  })

  it('R1 for ten tabs at once is one new code and one open payment', async () => {
    const { token } = await shownLongAgo()
    const answers = await Promise.all(Array.from({ length: 10 }, () => shop.refresh(token)))
    // One tab closes the old code; those that come meanwhile are told that it is being closed, and see the new one next.
    const statuses = answers.map(({ answer }) => answer.status)
    expect(statuses).toContain(201)
    expect(statuses.filter((status) => status !== 201 && status !== 202)).toEqual([])
    expect(await statusesOf(token)).toEqual(['closed', 'pending'])
    expect(shop.wechat.callsOf('prepay')).toBe(1)
  })

  it('R1 is made once for 20 equal requests at once, and all get the same answer', async () => {
    const { token } = await shownLongAgo()
    const answers = await Promise.all(Array.from({ length: 20 }, () => shop.refresh(token, 'one-key-for-all-of-them')))
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(new Set(answers.map(({ answer }) => JSON.stringify(answer.view.action))).size).toBe(1)
    expect(await statusesOf(token)).toEqual(['closed', 'pending'])
  })

  it('is the one that another tab got a moment ago', async () => {
    const { token, outTradeNo } = await shop.shown()
    const { answer } = await shop.refresh(token)
    expect(answer).toMatchObject({ status: 201, view: { attempt: 'pending' } })
    expect(await shop.last(token)).toMatchObject({ outTradeNo, status: 'pending' })
  })

  it('R4 is the one whose create got no answer, with the same number', async () => {
    shop.wechat.during.prepay = () => 'lose-before'
    const { token, outTradeNo } = await shop.shown()
    shop.clock.advance(60_000)
    shop.wechat.during.prepay = () => 'answer'
    const { answer } = await shop.refresh(token)
    expect(answer).toMatchObject({ status: 201, view: { attempt: 'pending' } })
    expect((await shop.read(token)).payments).toMatchObject([{ outTradeNo, status: 'pending' }])
  })

  it('may be had after WeChat refused one', async () => {
    shop.wechat.refuseWith = { code: 'NOAUTH', description: '商户号该产品权限未开通' }
    const { token } = await shop.shown()
    shop.wechat.refuseWith = undefined
    expect(await shop.refresh(token)).toMatchObject({ answer: { status: 201, view: { attempt: 'pending', problem: null } } })
    expect(await statusesOf(token)).toEqual(['refused', 'pending'])
  })

  it('is not to be had for an order that nobody knows, and leaves no key behind', async () => {
    await expect(shop.refresh('no-such-token-at-all-here', 'key-of-nobody')).rejects.toThrow(CheckoutNotFoundError)
    expect(await shop.db.selectFrom('idempotency_keys').select('key').where('key', '=', 'key-of-nobody').execute()).toEqual([])
  })
})

describe('a new code while the old one is being paid', () => {
  const moments = [
    { when: 'before the first query', at: (pay: () => void) => pay() },
    { when: 'during the first query', at: (pay: () => void) => (shop.wechat.during.query = once(pay)) },
    { when: 'after the first query', at: (pay: () => void) => (shop.wechat.after.query = onceAfter(pay)) },
    { when: 'during the close', at: (pay: () => void) => (shop.wechat.during.close = once(pay)) },
  ]

  /** At the first of these calls. */
  function once(pay: () => void) {
    let done = false
    return async (): Promise<Course> => {
      if (!done) pay()
      done = true
      return 'answer'
    }
  }

  function onceAfter(pay: () => void) {
    const first = once(pay)
    return async (): Promise<void> => {
      await first()
    }
  }

  it.each(moments)('R17 is refused, and the money is not lost: paid $when, the notice comes later', async ({ at }) => {
    const { token, outTradeNo } = await shownLongAgo()
    at(() => shop.wechat.pay(outTradeNo))
    const { answer } = await shop.refresh(token)
    expect(answer).toMatchObject({
      status: 409,
      errorCode: 'order_not_payable',
      view: { status: 'unpaid', confirming: true, action: null },
    })
    expect(await statusesOf(token)).toEqual(['pending'])
    expect(await shop.notice(shop.wechat.noticeOf(outTradeNo))).toBe('applied')
    expect((await shop.read(token)).order.status).toBe('paid')
  })

  it.each(moments)('R17 is refused as paid when a query may write it: paid $when', async ({ at }) => {
    await shop.reset({ paidBy: 'notice-or-query' })
    const { token, outTradeNo } = await shownLongAgo()
    at(() => shop.wechat.pay(outTradeNo))
    const { answer } = await shop.refresh(token)
    expect(answer).toMatchObject({ status: 409, view: { status: 'paid', confirming: false } })
    expect(await statusesOf(token)).toEqual(['paid'])
  })

  it.each(['query', 'close'] as const)('R14 is refused when the notice comes during the %s', async (call) => {
    const { token, outTradeNo } = await shownLongAgo()
    let came = false
    shop.wechat.during[call] = async (): Promise<Course> => {
      if (!came) {
        came = true
        expect(await shop.notice(shop.wechat.pay(outTradeNo))).toBe('applied')
      }
      return 'answer'
    }
    expect(await shop.refresh(token)).toMatchObject({ answer: { status: 409, view: { status: 'paid' } } })
    expect(await statusesOf(token)).toEqual(['paid'])
  })

  it('R15 is closed when the old code’s notice comes during its create', async () => {
    const { token, outTradeNo } = await shownLongAgo()
    shop.wechat.during.prepay = async (): Promise<Course> => {
      expect(await shop.notice(shop.wechat.noticeOf(outTradeNo))).toBe('applied')
      return 'answer'
    }
    const { answer } = await shop.refresh(token)
    expect(answer.view).toMatchObject({ status: 'paid', action: null })
    const { outTradeNo: second } = await shop.last(token)
    await shop.work(60_000)
    expect(await shop.payment(second)).toMatchObject({ status: 'closed', closeReason: 'order-paid' })
    expect(shop.wechat.trades.get(second)).toMatchObject({ state: 'closed' })
  })

  it('R15 keeps no open code when the notice of the closed one comes between the close and the new attempt', async () => {
    const { token, outTradeNo } = await shownLongAgo()
    let queries = 0
    shop.wechat.after.query = async () => {
      if (queries++ === 1) expect(await shop.notice(shop.wechat.noticeOf(outTradeNo))).toBe('applied')
    }
    expect(await shop.refresh(token)).toMatchObject({ answer: { status: 409, view: { status: 'paid' } } })
    expect(await statusesOf(token)).toEqual(['paid'])
  })

  it.each(['query', 'close'] as const)(
    'R14 is not made while the close is unknown (%s lost): 202, and the old code stays payable',
    async (call) => {
      const { token, outTradeNo } = await shownLongAgo()
      shop.wechat.during[call] = () => 'lose-before'
      const { answer } = await shop.refresh(token)
      expect(answer).toMatchObject({ status: 202, errorCode: null, view: { attempt: 'closing', action: null } })
      expect(await statusesOf(token)).toEqual(['closing'])
      expect(await shop.notice(shop.wechat.pay(outTradeNo))).toBe('applied')
      expect((await shop.read(token)).order.status).toBe('paid')
    },
  )

  it('R14 may be asked for again when the close has succeeded later', async () => {
    const { token } = await shownLongAgo()
    shop.wechat.during.close = () => 'lose-after'
    expect(await shop.refresh(token)).toMatchObject({ answer: { status: 202 } })
    shop.wechat.during.close = () => 'answer'
    await shop.work(30_000)
    expect(await shop.refresh(token)).toMatchObject({ answer: { status: 201, view: { attempt: 'pending' } } })
  })
})

describe('a new code and a cancel at the same time', () => {
  it('R14 end in one truth: a cancel that says closed or closing leaves nothing open for long', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { token } = await shownLongAgo()
      const [refreshed, cancelled] = await Promise.allSettled([shop.refresh(token), cancelOrder(shop.payments, { token })])
      expect(refreshed.status).toBe('fulfilled')
      expect(cancelled).toMatchObject({ status: 'fulfilled' })
      await shop.work(40_000)
      const { order, payments } = await shop.read(token)
      expect(order).toMatchObject({ status: 'closed', closedReason: 'cancelled' })
      expect(payments.filter(({ status }) => status !== 'closed')).toEqual([])
    }
  })

  it('R14 the cancel ends also the attempt that was begun while it closed the old one', async () => {
    const { token } = await shownLongAgo()
    const cancelling = shop.interleaving('from "payments"', async () => {
      expect(await shop.refresh(token)).toMatchObject({ answer: { status: 201 } })
    })
    const { outcome } = await cancelOrder(cancelling, { token })
    expect(outcome).toBe('closed')
    const { order, payments } = await shop.read(token)
    expect(order.status).toBe('closed')
    expect(payments).toMatchObject([
      { status: 'closed', closeReason: 'replaced' },
      { status: 'closed', closeReason: 'cancelled' },
    ])
  })
})

describe('a request for a new code that is repeated', () => {
  it('R1 is answered with what was answered before, also when the order has changed since', async () => {
    const { token } = await shownLongAgo()
    const first = await shop.refresh(token, 'the-key-of-this-tab')
    const { outTradeNo } = await shop.last(token)
    await shop.notice(shop.wechat.pay(outTradeNo))
    const again = await shop.refresh(token, 'the-key-of-this-tab')
    expect(again).toEqual({ answer: first.answer, replayed: true })
  })

  it.each([
    { after: 'the old code is closed', die: () => (shop.wechat.during.prepay = dies) },
    { after: 'the new code was made', die: () => (shop.wechat.after.prepay = async () => void (await dies())) },
    { after: 'the close was sent', die: () => (shop.wechat.after.close = async () => void (await dies())) },
  ])('R1 goes on with the same attempt when the first one died after $after', async ({ die }) => {
    const { token } = await shownLongAgo()
    die()
    await expect(shop.refresh(token, `key-${token}`)).rejects.toThrow('kill -9')
    shop.wechat.reset()
    shop.clock.advance(40_001)
    const { answer, replayed } = await shop.refresh(token, `key-${token}`)
    expect(replayed).toBe(false)
    expect(answer).toMatchObject({ status: 201, view: { attempt: 'pending' } })
    expect(await statusesOf(token)).toEqual(['closed', 'pending'])
    expect((await shop.read(token)).payments.map(({ outTradeNo }) => shop.wechat.trades.get(outTradeNo)?.state)).toEqual([
      'closed',
      'pending',
    ])
  })

  function dies(): Promise<Course> {
    return Promise.reject(new Error('kill -9'))
  }
})
