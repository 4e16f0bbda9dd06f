import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestShop, type TestShop } from '../../testing/testShop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const second = 1000
const minute = 60 * second
const hour = 60 * minute

async function requested(amountFen = 60, totalFen = 100) {
  const paid = await shop.paid(totalFen)
  const { refund } = await shop.refund(paid.outTradeNo, amountFen)
  return { ...paid, outRefundNo: refund.outRefundNo }
}

const refusal = (meaning: 'not-enough-funds' | 'not-ready' | 'too-late' | 'other' | 'number-in-use') => ({
  meaning,
  code: meaning.toUpperCase(),
  description: '不行',
})

describe('a refund that waits to be submitted', () => {
  it('R19 is sent once with what was stored, and then followed', async () => {
    const { outRefundNo, token } = await requested()
    await shop.work(second)
    expect(shop.wechat.callsAbout(outRefundNo)).toEqual(['refund'])
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'processing', acceptedAt: expect.any(Date) as Date })
    expect((await shop.eventTypes(token)).slice(-2)).toEqual(['refund.requested', 'refund.accepted'])
    shop.wechat.settleRefund(outRefundNo, 'success')
    await shop.work(minute)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'success', receivedAccount: '支付用户零钱' })
    expect(await shop.nextRefundTurn(outRefundNo)).toBe(null)
  })

  it('is over at once when WeChat says so in its answer', async () => {
    shop.wechat.acceptsAs = 'success'
    const { outRefundNo } = await requested()
    await shop.work(second)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'success' })
    expect(await shop.nextRefundTurn(outRefundNo)).toBe(null)
  })

  it('R4 R19 is asked about by its number before it is sent again, when its answer was lost and WeChat had accepted it', async () => {
    shop.wechat.during.refund = () => 'lose-after'
    const { outRefundNo, outTradeNo } = await requested()
    await shop.work(minute)
    expect(shop.wechat.callsAbout(outRefundNo)).toEqual(['refund', 'query-refund'])
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'processing' })
    expect(await shop.reserved(outTradeNo)).toBe(60)
  })

  it('R4 R19 is sent again with the same number and parameters, for as long as it takes, when it never got there', async () => {
    const { outRefundNo } = await requested()
    const sent: unknown[] = []
    const { refund } = shop.wechat
    shop.wechat.refund = (request) => {
      sent.push(request)
      if (!refund) throw new Error('it can refund')
      return refund(request)
    }
    shop.wechat.during.refund = () => (sent.length < 6 ? 'lose-before' : 'answer')
    await shop.work(hour)
    expect(sent).toHaveLength(6)
    expect(new Set(sent.map((request) => JSON.stringify(request))).size).toBe(1)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'processing' })
    expect([...shop.wechat.refunds.keys()].filter((number) => number === outRefundNo)).toHaveLength(1)
  })

  it('R4 is not sent again while WeChat cannot be asked whether it has it', async () => {
    const { outRefundNo } = await requested()
    shop.wechat.during.refund = () => 'lose-after'
    shop.wechat.during['query-refund'] = () => 'lose-before'
    await shop.work(hour)
    expect(shop.wechat.callsAbout(outRefundNo).filter((call) => call === 'refund')).toHaveLength(1)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'submitting' })
  })

  it('R3 is open to changes of its order while WeChat is called', async () => {
    const { outTradeNo, outRefundNo } = await requested()
    shop.wechat.during.refund = async () => {
      await shop.refund(outTradeNo, 1)
      return 'answer' as const
    }
    await shop.work(second)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'processing' })
    expect(await shop.reserved(outTradeNo)).toBe(61)
  })

  it('R19 waits a minute after WeChat has asked for fewer calls, and so do all others', async () => {
    const { outRefundNo } = await requested()
    shop.wechat.limitsRefunds = true
    await shop.work(second)
    shop.wechat.limitsRefunds = false
    const other = await requested()
    await shop.work(59 * second - 500)
    expect(shop.wechat.callsOf('refund')).toBe(1)
    await shop.work(5 * second)
    expect(await shop.readRefund(other.outRefundNo)).toMatchObject({ status: 'processing' })
    await shop.work(minute)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'processing' })
  })

  it('R19 is sent a minute at least after another refund of its payment, and at once beside those of other payments', async () => {
    const { outTradeNo, outRefundNo } = await requested(10)
    const { refund: second10 } = await shop.refund(outTradeNo, 10)
    const other = await requested(10)
    const sentAt = new Map<string, number>()
    shop.wechat.during.refund = (number) => {
      sentAt.set(number, shop.clock.now().getTime())
      return 'answer'
    }
    await shop.work(3 * minute)
    const [first = 0, then = 0] = [outRefundNo, second10.outRefundNo].map((number) => sentAt.get(number))
    expect(Math.abs(first - then)).toBeGreaterThanOrEqual(minute)
    expect(Math.abs(first - then)).toBeLessThan(2 * minute)
    expect(Math.abs((sentAt.get(other.outRefundNo) ?? 0) - Math.min(first, then))).toBeLessThan(second)
  })
})

describe('a refund that WeChat refuses', () => {
  it.each(['other', 'too-late', 'number-in-use'] as const)(
    'R18 is refused for good (%s), gives its money free, and is told',
    async (meaning) => {
      const { token, outTradeNo, outRefundNo } = await requested()
      shop.wechat.refuseRefundWith = refusal(meaning)
      await shop.work(second)
      expect(shop.wechat.callsAbout(outRefundNo)).toEqual(['refund', 'query-refund'])
      expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'refused', refusal: { description: '不行' } })
      expect(await shop.reserved(outTradeNo)).toBe(0)
      expect((await shop.eventTypes(token)).at(-1)).toBe('refund.refused')
      expect(await shop.nextRefundTurn(outRefundNo)).toBe(null)
      expect(shop.anomalies).toEqual([]) // who asked for it is told by the refund itself
    },
  )

  it('R4 is not taken for refused when WeChat has it after all: a lost try was accepted', async () => {
    const { outRefundNo } = await requested()
    shop.wechat.during.refund = () => 'lose-after'
    await shop.work(second)
    // What WeChat answers to the query that comes before the next try is lost, too; the next try is refused.
    let asked = 0
    shop.wechat.during['query-refund'] = () => (asked++ === 0 ? 'lose-before' : 'answer')
    shop.wechat.refuseRefundWith = refusal('other')
    shop.wechat.during.refund = () => 'answer'
    await shop.work(minute)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'processing' })
  })

  it('R4 stays as it is when the query after the refusal has no answer', async () => {
    const { outTradeNo, outRefundNo } = await requested()
    shop.wechat.refuseRefundWith = refusal('other')
    shop.wechat.during['query-refund'] = () => 'lose-before'
    await shop.work(minute)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'submitting' })
    expect(await shop.reserved(outTradeNo)).toBe(60)
  })

  it('R19 waits while the balance is too small, with growing gaps, tells the owner once, and goes on by itself', async () => {
    const { token, outTradeNo, outRefundNo } = await requested()
    shop.wechat.refuseRefundWith = refusal('not-enough-funds')
    await shop.work(24 * hour)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'submitting', waitingFor: 'funds' })
    expect(await shop.reserved(outTradeNo)).toBe(60)
    expect(shop.anomalies).toEqual(['refund-waits-for-funds'])
    expect((await shop.eventTypes(token)).filter((type) => type.startsWith('refund.w'))).toEqual(['refund.waiting_for_funds'])
    const tries = shop.wechat.callsOf('refund')
    expect(tries).toBeGreaterThan(6)
    expect(tries).toBeLessThan(12)
    shop.wechat.refuseRefundWith = undefined
    await shop.work(6 * hour)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'processing', waitingFor: null })
  })

  it('R19 is tried again for a day while WeChat is not ready, and refused then', async () => {
    const { outRefundNo } = await requested()
    shop.wechat.refuseRefundWith = refusal('not-ready')
    await shop.work(23 * hour)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'submitting' })
    await shop.work(3 * hour)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'refused' })
  })
})

describe('a refund whose answer does not fit', () => {
  it('R9 changes nothing, is told once, and is looked at now and then', async () => {
    const { token, outRefundNo } = await requested()
    shop.wechat.misreport = { transactionId: 'another' }
    await shop.work(24 * hour)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'submitting' })
    expect(shop.anomalies).toEqual(['refund-mismatch'])
    expect((await shop.eventTypes(token)).filter((type) => type === 'refund.mismatch')).toHaveLength(1)
    expect(shop.wechat.callsOf('refund')).toBe(1)
    expect(shop.wechat.callsOf('query-refund')).toBeLessThan(6)
  })
})

describe('R19 a refund that no settings allow', () => {
  it('waits, is told once, and goes by another protocol once there is one, to that one’s address', async () => {
    const { outRefundNo } = await requested()
    shop.wechat.forbidRefunds()
    await shop.work(hour)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'submitting' })
    expect(shop.anomalies).toEqual(['refunds-not-enabled'])
    shop.speak(shop.wechat, shop.otherWechat)
    const notifyUrls: string[] = []
    const { refund } = shop.otherWechat
    for (const [number, trade] of shop.wechat.trades) shop.otherWechat.trades.set(number, trade)
    shop.otherWechat.refund = (request) => {
      notifyUrls.push(request.notifyUrl)
      if (!refund) throw new Error('it can refund')
      return refund(request)
    }
    await shop.work(11 * minute)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'processing' })
    expect(notifyUrls).toEqual(['https://shop.example/notices/v3/refunds'])
  })
})
