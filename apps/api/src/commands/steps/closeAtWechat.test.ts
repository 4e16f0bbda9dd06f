import { toFen } from 'wxpay-core/money'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Course } from '../../testing/fakeWechat.ts'
import { openTestShop, type TestShop } from '../../testing/testShop.ts'
import { cancelOrder } from '../cancelOrder.ts'
import { closeAtWechat, type CloseOutcome } from './closeAtWechat.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const close = (outTradeNo: string): Promise<CloseOutcome> =>
  closeAtWechat(shop.payments, outTradeNo, { reason: 'expired', source: 'clock' })

/** Loses the n-th query (0 is the first) of each close. */
function loseQuery(n: number, course: Course): void {
  let queries = 0
  shop.wechat.during.query = () => (queries++ === n ? course : 'answer')
}

describe('closing a payment', () => {
  it('R14 queries, closes and queries again, and only then records it', async () => {
    const { outTradeNo } = await shop.shown()
    shop.wechat.calls.length = 0
    const statuses: string[] = []
    const look = async (): Promise<Course> => {
      statuses.push((await shop.payment(outTradeNo)).status)
      return 'answer'
    }
    shop.wechat.during = { ...shop.wechat.during, query: look, close: look }
    expect(await close(outTradeNo)).toBe('closed')
    expect(shop.wechat.callsAbout(outTradeNo)).toEqual(['query', 'close', 'query'])
    expect(statuses).toEqual(['closing', 'closing', 'closing'])
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closed', closeReason: 'expired', closedAt: shop.clock.now() })
  })

  it('R14 asks only once when WeChat has closed it already', async () => {
    const { outTradeNo } = await shop.shown()
    await shop.wechat.close(outTradeNo)
    shop.wechat.calls.length = 0
    expect(await close(outTradeNo)).toBe('closed')
    expect(shop.wechat.callsAbout(outTradeNo)).toEqual(['query'])
  })

  it('R14 does not touch one that is closed', async () => {
    const { outTradeNo } = await shop.shown()
    await close(outTradeNo)
    shop.wechat.calls.length = 0
    expect(await close(outTradeNo)).toBe('closed')
    expect(shop.wechat.calls).toEqual([])
  })

  it('R17 finds the payment paid by the first query: confirming, not closed', async () => {
    const { outTradeNo } = await shop.shown()
    shop.wechat.pay(outTradeNo)
    shop.wechat.calls.length = 0
    expect(await close(outTradeNo)).toBe('unsettled')
    expect(shop.wechat.callsAbout(outTradeNo)).toEqual(['query'])
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'pending', confirmingSince: shop.clock.now() })
  })

  it('R14 takes ORDERPAID for paid at WeChat: the payer was faster than the close', async () => {
    const { outTradeNo } = await shop.shown()
    shop.wechat.calls.length = 0
    shop.wechat.during.close = () => {
      shop.wechat.pay(outTradeNo)
      return 'answer'
    }
    expect(await close(outTradeNo)).toBe('unsettled')
    expect(shop.wechat.callsAbout(outTradeNo)).toEqual(['query', 'close', 'query'])
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'pending', confirmingSince: shop.clock.now() })
  })

  it('R14 under notice-or-query, ORDERPAID ends with the order paid by the query', async () => {
    await shop.reset({ paidBy: 'notice-or-query' })
    const { token, outTradeNo } = await shop.shown()
    shop.wechat.during.close = () => {
      shop.wechat.pay(outTradeNo)
      return 'answer'
    }
    expect(await close(outTradeNo)).toBe('unsettled')
    expect((await shop.read(token)).order.status).toBe('paid')
  })

  it.each(['pending', 'closed', 'not-found'] as const)(
    'R14 after ORDERPAID does not believe a query that says %s: it stays open and is asked again',
    async (state) => {
      const { outTradeNo } = await shop.shown()
      shop.wechat.closeSays = 'paid'
      let queries = 0
      shop.wechat.during.query = () => {
        shop.wechat.querySays = queries++ === 1 ? state : undefined
        return 'answer'
      }
      expect(await close(outTradeNo)).toBe('unknown')
      expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closing' })
      expect(await shop.nextTurn(outTradeNo, 'close')).not.toBeNull()
    },
  )

  it('R9 flags the wrong money that the query on the way reports, and closes nothing', async () => {
    const { token, outTradeNo } = await shop.shown()
    shop.wechat.pay(outTradeNo)
    shop.wechat.reportFen = 101
    expect(await close(outTradeNo)).toBe('unsettled')
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closing', anomalies: ['amount-mismatch'], confirmingSince: null })
    expect(shop.anomalies).toEqual(['amount-mismatch'])
    shop.wechat.reportFen = undefined
    expect(await shop.notice(shop.wechat.noticeOf(outTradeNo, { totalFen: toFen(100) }))).toBe('applied')
    expect((await shop.read(token)).order.status).toBe('paid')
  })

  it.each(
    [
      { call: 'the first query', lose: (course: Course) => loseQuery(0, course) },
      { call: 'the close', lose: (course: Course) => (shop.wechat.during.close = () => course) },
      { call: 'the second query', lose: (course: Course) => loseQuery(1, course) },
    ].flatMap((one) => [
      { ...one, course: 'lose-before' as const },
      { ...one, course: 'lose-after' as const },
    ]),
  )('R14 stays closing when $call is lost ($course), and a job goes on until WeChat has confirmed', async ({ lose, course }) => {
    const { token, outTradeNo } = await shop.shown()
    lose(course)
    expect(await close(outTradeNo)).toBe('unknown')
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closing', closedAt: null })
    expect(await shop.eventTypes(token)).not.toContain('payment.closed')
    shop.wechat.during = { ...shop.wechat.during, query: () => 'answer', close: () => 'answer' }
    await shop.work(25_000)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closed' })
    expect((await shop.eventTypes(token)).filter((type) => type === 'payment.closed')).toHaveLength(1)
  })

  it('R14 never closes by itself while WeChat does not answer, however long that is', async () => {
    const { outTradeNo } = await shop.shown()
    shop.wechat.during.query = () => 'lose-before'
    await shop.work(6 * 3_600_000)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closing' })
    expect(await shop.nextTurn(outTradeNo, 'close')).not.toBeNull()
    shop.wechat.during.query = () => 'answer'
    await shop.work(61_000)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closed' })
    expect(await shop.nextTurn(outTradeNo, 'close')).toBeNull()
  })

  it('R14 is patient with a WeChat that takes the close and still says not paid (within 5 minutes of the creation)', async () => {
    const { outTradeNo } = await shop.shown()
    shop.wechat.closesLater = true
    expect(await close(outTradeNo)).toBe('unknown')
    await shop.work(120_000)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closing' })
    shop.wechat.closesLater = false
    await shop.work(65_000)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closed' })
  })

  it('R14 is patient with a WeChat that refuses to close within 5 minutes of the creation', async () => {
    const { outTradeNo } = await shop.shown()
    shop.wechat.refuseCloseWith = { code: 'TRADE_STATE_ERROR', description: '订单状态错误' }
    expect(await close(outTradeNo)).toBe('unknown')
    await shop.work(120_000)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closing' })
    shop.wechat.refuseCloseWith = undefined
    await shop.work(65_000)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closed' })
  })

  it('R14 goes on with the close when the process dies in the middle of it', async () => {
    const { outTradeNo } = await shop.shown()
    shop.wechat.after.close = () => Promise.reject(new Error('kill -9'))
    await expect(close(outTradeNo)).rejects.toThrow('kill -9')
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closing' })
    shop.wechat.after = {}
    await shop.work(21_000)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closed' })
  })

  it('R14 keeps paid what a notice pays while the close is under way, at each of its calls', async () => {
    for (const call of ['query', 'close'] as const) {
      const { token, outTradeNo } = await shop.shown()
      let paid = false
      shop.wechat.during[call] = async (about): Promise<Course> => {
        if (about === outTradeNo && !paid) {
          paid = true
          await shop.notice(shop.wechat.pay(outTradeNo))
        }
        return 'answer'
      }
      expect(await close(outTradeNo)).toBe('unsettled')
      expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'paid', anomalies: [] })
      expect((await shop.read(token)).order.status).toBe('paid')
    }
  })

  it('R14 keeps paid what a notice pays after the answer "closed" and before it is recorded', async () => {
    const { token, outTradeNo } = await shop.shown()
    let queries = 0
    shop.wechat.after.query = async () => {
      if (queries++ === 1) await shop.notice(shop.wechat.noticeOf(outTradeNo))
    }
    expect(await close(outTradeNo)).toBe('unsettled')
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'paid' })
    expect((await shop.read(token)).order.status).toBe('paid')
  })

  it('R14 is done once when ten do it at the same time', async () => {
    const { token, outTradeNo } = await shop.shown()
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => close(outTradeNo)))
    expect(outcomes).toContain('closed')
    expect(outcomes.filter((outcome) => outcome !== 'closed' && outcome !== 'unknown')).toEqual([])
    expect(shop.wechat.callsAbout(outTradeNo).filter((call) => call === 'close')).toHaveLength(1)
    expect((await shop.eventTypes(token)).filter((type) => type === 'payment.closed')).toHaveLength(1)
    expect((await shop.eventTypes(token)).filter((type) => type === 'payment.closing')).toHaveLength(1)
  })
})

describe('closing a payment that WeChat does not know', () => {
  it('R4 does not take "no such order" for closed while a create may still land', async () => {
    shop.wechat.during.prepay = () => 'lose-before'
    const { outTradeNo } = await shop.shown()
    expect(await close(outTradeNo)).toBe('unknown')
    shop.clock.advance(29_000)
    expect(await close(outTradeNo)).toBe('unknown')
    shop.clock.advance(1_001)
    expect(await close(outTradeNo)).toBe('closed')
  })

  it('R4 counts from the last create that was sent, not from the first', async () => {
    shop.wechat.during.prepay = () => 'lose-before'
    const { outTradeNo } = await shop.shown()
    // Creates at 0, 2, 6, 14, 30 and 62 s.
    await shop.work(65_000)
    expect(shop.wechat.callsOf('prepay')).toBeGreaterThan(3)
    expect(await close(outTradeNo)).toBe('unknown')
  })

  it('R4 does not believe it of a code that was shown, until WeChat would refuse the money anyway', async () => {
    const { outTradeNo } = await shop.shown()
    shop.wechat.querySays = 'not-found'
    expect(await close(outTradeNo)).toBe('unknown')
    await shop.work(900_000)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closing' })
    expect(shop.anomalies).toEqual([])
    await shop.work(100_000)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closed' })
    expect(shop.anomalies, 'WeChat gave us that code: has the merchant number been changed?').toEqual(['unknown-at-wechat'])
  })

  it('R3 closes at WeChat the trade of a create that lands after the cancel', async () => {
    shop.wechat.during.prepay = () => 'lose-after'
    const { token, outTradeNo } = await shop.shown()
    expect(await cancelOrder(shop.payments, { token })).toMatchObject({ outcome: 'closed' })
    expect(shop.wechat.trades.get(outTradeNo)).toMatchObject({ state: 'closed' })
  })
})
