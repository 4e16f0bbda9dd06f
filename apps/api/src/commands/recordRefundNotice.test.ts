import { toFen } from 'wxpay-core/money'
import type { ReportedRefund } from 'wxpay-core/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { placesInChange } from '../testing/databaseFaults.ts'
import { openTestShop, type TestShop } from '../testing/testShop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const second = 1000
const minute = 60 * second

/** A refund that WeChat has accepted, or a payment without one. */
async function accepted(amountFen = 60) {
  const paid = await shop.paid(100)
  const { refund } = await shop.refund(paid.outTradeNo, amountFen)
  await shop.work(second)
  return { ...paid, outRefundNo: refund.outRefundNo }
}

const noticesOf = (outRefundNo: string) => shop.db.selectFrom('notices').selectAll().where('out_refund_no', '=', outRefundNo).execute()

describe('a signed notice about a refund', () => {
  it('R6 ends the refund in one step: refund, event, stored message, version', async () => {
    const { token, outRefundNo } = await accepted()
    const { version } = (await shop.read(token)).order
    shop.wechat.settleRefund(outRefundNo, 'success')
    expect(await shop.notice(shop.wechat.refundNoticeOf(outRefundNo))).toBe('applied')
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'success', succeededAt: new Date('2026-03-02T06:05:33Z') })
    expect(await noticesOf(outRefundNo)).toMatchObject([{ outcome: 'applied', deliveries: 1 }])
    expect((await shop.eventTypes(token)).at(-1)).toBe('refund.succeeded')
    expect((await shop.read(token)).order.version).toBe(version + 1)
    expect(shop.wechat.callsOf('query-refund')).toBe(0)
  })

  it.each(placesInChange)('R6 writes nothing at all when the transaction fails $moment: $statement', async ({ moment, statement }) => {
    const { token, outTradeNo, outRefundNo } = await accepted()
    const before = { refund: await shop.readRefund(outRefundNo), events: await shop.eventTypes(token) }
    shop.wechat.settleRefund(outRefundNo, 'closed')
    const notice = shop.wechat.refundNoticeOf(outRefundNo)
    await expect(shop.noticeFailingAt(statement, notice, moment)).rejects.toThrow('the database is gone')
    expect({ refund: await shop.readRefund(outRefundNo), events: await shop.eventTypes(token) }).toEqual(before)
    expect(await noticesOf(outRefundNo)).toEqual([])
    expect(await shop.reserved(outTradeNo)).toBe(60)
    expect(await shop.notice(notice)).toBe('applied')
  })

  it('R10 that comes 100 times at once is one transition and one event', async () => {
    const { token, outRefundNo } = await accepted()
    shop.wechat.settleRefund(outRefundNo, 'success')
    const notice = shop.wechat.refundNoticeOf(outRefundNo)
    const again = async (): Promise<string> => shop.notice(notice).catch(again)
    const outcomes = await Promise.all(Array.from({ length: 100 }, again))
    expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'repeat')).toHaveLength(99)
    expect((await shop.eventTypes(token)).filter((type) => type === 'refund.succeeded')).toHaveLength(1)
  })

  it('R10 that comes before the answer to our own call is believed, and the answer is a repeat', async () => {
    const { outTradeNo } = await shop.paid(100)
    const { refund } = await shop.refund(outTradeNo, 60)
    shop.wechat.after.refund = async (outRefundNo) => {
      shop.wechat.settleRefund(outRefundNo, 'success')
      await shop.notice(shop.wechat.refundNoticeOf(outRefundNo))
      shop.wechat.settleRefund(outRefundNo, 'processing') // as it was when the answer left
    }
    await shop.work(second)
    expect(await shop.readRefund(refund.outRefundNo)).toMatchObject({ status: 'success' })
  })

  it('R10 that is late does not take a refund back: closed or processing after success', async () => {
    const { outRefundNo, outTradeNo } = await accepted()
    const notices = (['closed', 'abnormal', 'success'] as const).map((state) => {
      shop.wechat.settleRefund(outRefundNo, state)
      return shop.wechat.refundNoticeOf(outRefundNo)
    })
    const outcomes: string[] = []
    for (const notice of notices.toReversed()) outcomes.push(await shop.notice(notice))
    expect(outcomes).toEqual(['applied', 'repeat', 'repeat'])
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'success' })
    expect(await shop.reserved(outTradeNo)).toBe(60)
  })

  it('R10 before its payment is known to be paid is kept and not acknowledged, and is applied when it comes again', async () => {
    const { outTradeNo } = await shop.shown(100)
    const paid = shop.wechat.pay(outTradeNo)
    const outRefundNo = shop.wechat.refundInPlatform(outTradeNo, 40, 'success')
    const notice = shop.wechat.refundNoticeOf(outRefundNo)
    expect(await shop.notice(notice)).toBe('unknown-payment')
    expect(await shop.refundsOf(outTradeNo)).toEqual([])
    expect(await noticesOf(outRefundNo)).toMatchObject([{ outcome: 'unknown-payment', payment_id: null }])
    await shop.notice(paid)
    expect(await shop.notice(notice)).toBe('applied')
    expect(await shop.refundsOf(outTradeNo)).toMatchObject([{ origin: 'wechat', status: 'success' }])
    expect(await noticesOf(outRefundNo)).toMatchObject([{ outcome: 'applied', deliveries: 2 }])
  })

  it('R9 about a payment that is not ours is kept, alarmed and not acknowledged', async () => {
    const { outRefundNo } = await accepted()
    const notice = shop.wechat.refundNoticeOf(outRefundNo, { outTradeNo: 'P-of-nobody' })
    expect(await shop.notice(notice)).toBe('unknown-payment')
    expect(shop.anomalies).toEqual(['unknown-payment'])
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'processing' })
  })

  it.each<[string, Partial<ReportedRefund>]>([
    ['amount', { refundFen: toFen(61) }],
    ['total', { totalFen: toFen(101) }],
    ['transaction-id', { transactionId: '4200000000000000000000000000' }],
    ['number', { refundId: '50300000000000000000000000000' }],
  ])('R9 whose %s does not fit is recorded, flagged and then acknowledged, and changes nothing', async (mismatch, change) => {
    const { orderId, outTradeNo, outRefundNo } = await accepted()
    shop.wechat.settleRefund(outRefundNo, 'closed')
    expect(await shop.notice(shop.wechat.refundNoticeOf(outRefundNo, change))).toBe('flagged')
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'processing' })
    expect(await shop.reserved(outTradeNo)).toBe(60)
    expect(shop.anomalies).toEqual(['refund-mismatch'])
    const flagged = await shop.db
      .selectFrom('events')
      .selectAll()
      .where('order_id', '=', orderId)
      .where('type', '=', 'refund.mismatch')
      .execute()
    expect(flagged).toMatchObject([{ data: { mismatch, outRefundNo } }])
  })

  it('R9 that names the refund of another payment changes neither', async () => {
    const [one, other] = [await accepted(), await accepted()]
    const { transactionId } = shop.wechat.paidTrade(other.outTradeNo)
    shop.wechat.settleRefund(one.outRefundNo, 'closed')
    const change = { outTradeNo: other.outTradeNo, transactionId }
    expect(await shop.notice(shop.wechat.refundNoticeOf(one.outRefundNo, change))).toBe('flagged')
    for (const { outRefundNo } of [one, other]) expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'processing' })
    expect(await shop.refundsOf(other.outTradeNo)).toHaveLength(1)
  })
})

describe('a refund that was begun in WeChat’s merchant platform', () => {
  it('appears by its notice, holds its money, and is followed like ours', async () => {
    const { token, outTradeNo } = await shop.paid(100)
    const outRefundNo = shop.wechat.refundInPlatform(outTradeNo, 30)
    expect(await shop.notice(shop.wechat.refundNoticeOf(outRefundNo))).toBe('applied')
    expect(await shop.refundsOf(outTradeNo)).toMatchObject([{ outRefundNo, origin: 'wechat', status: 'processing', refundFen: 30 }])
    expect(await shop.reserved(outTradeNo)).toBe(30)
    expect((await shop.eventTypes(token)).slice(-2)).toEqual(['refund.begun_at_wechat', 'refund.accepted'])
    await expect(shop.refund(outTradeNo, 71)).rejects.toThrow()
    shop.wechat.settleRefund(outRefundNo, 'success')
    await shop.work(minute)
    expect(await shop.refundsOf(outTradeNo)).toMatchObject([{ status: 'success' }])
  })

  it('R18 that takes more than is left is written down all the same, and somebody hears of it', async () => {
    const { token, outTradeNo } = await accepted(80)
    const outRefundNo = shop.wechat.refundInPlatform(outTradeNo, 30, 'success')
    expect(await shop.notice(shop.wechat.refundNoticeOf(outRefundNo))).toBe('applied')
    expect(await shop.reserved(outTradeNo)).toBe(100)
    expect(shop.anomalies).toEqual(['refund-exceeds-payment'])
    expect((await shop.eventTypes(token)).at(-1)).toBe('refund.exceeds_payment')
  })

  it('R18 gives what it held free again when it is closed, beside what others hold', async () => {
    const { outTradeNo } = await accepted(80)
    const outRefundNo = shop.wechat.refundInPlatform(outTradeNo, 30)
    await shop.notice(shop.wechat.refundNoticeOf(outRefundNo))
    shop.wechat.settleRefund(outRefundNo, 'closed')
    await shop.notice(shop.wechat.refundNoticeOf(outRefundNo))
    expect(await shop.reserved(outTradeNo)).toBe(80)
  })
})

describe('R20 word of a refund that was not signed', () => {
  it('changes nothing by itself: it is stored with a question to WeChat, whose answer counts', async () => {
    const { outRefundNo } = await accepted()
    shop.wechat.settleRefund(outRefundNo, 'success')
    expect(await shop.notice(shop.wechat.refundHintOf(outRefundNo))).toBe('hint')
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'processing' })
    expect(await noticesOf(outRefundNo)).toMatchObject([{ outcome: 'hint' }])
    expect(await shop.work(second)).toEqual(['confirm-refund'])
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'success' })
  })

  it('is stored with its question in one transaction', async () => {
    const { outRefundNo } = await accepted()
    const hint = shop.wechat.refundHintOf(outRefundNo)
    await expect(shop.noticeFailingAt('AS sent', hint, 'after')).rejects.toThrow('the database is gone')
    expect(await shop.work(second)).toEqual([])
    expect(await noticesOf(outRefundNo)).toEqual([])
  })

  it('that is forged changes nothing: WeChat says what is true', async () => {
    const { outRefundNo } = await accepted()
    expect(await shop.notice(shop.wechat.refundHintOf(outRefundNo))).toBe('hint')
    await shop.work(second)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'processing' })
  })

  it('that is replayed asks once, and after the end nothing at all', async () => {
    const { outRefundNo } = await accepted()
    const hint = shop.wechat.refundHintOf(outRefundNo)
    expect([await shop.notice(hint), await shop.notice(hint)]).toEqual(['hint', 'repeat'])
    shop.wechat.settleRefund(outRefundNo, 'success')
    expect(await shop.work(second)).toEqual(['confirm-refund'])
    expect(await shop.notice(shop.wechat.refundHintOf(outRefundNo))).toBe('repeat')
    expect(await shop.work(second)).toEqual([])
  })

  it('of a refund that was closed is asked about: success outranks closed', async () => {
    const { outTradeNo, outRefundNo } = await accepted()
    shop.wechat.settleRefund(outRefundNo, 'closed')
    await shop.work(minute)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'closed' })
    shop.wechat.settleRefund(outRefundNo, 'success')
    expect(await shop.notice(shop.wechat.refundHintOf(outRefundNo))).toBe('hint')
    await shop.work(second)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'success' })
    expect(await shop.reserved(outTradeNo)).toBe(60)
  })

  it('that came before its payment was here is asked about when it comes again', async () => {
    const { outTradeNo, outRefundNo } = await accepted()
    shop.wechat.settleRefund(outRefundNo, 'success')
    const hint = shop.wechat.refundHintOf(outRefundNo)
    await shop.hiding(outTradeNo, async () => expect(await shop.notice(hint)).toBe('unknown-payment'))
    expect(await shop.notice(hint)).toBe('hint')
    await shop.work(second)
    expect(await shop.readRefund(outRefundNo)).toMatchObject({ status: 'success' })
    expect(await shop.notice(hint)).toBe('repeat')
  })

  it('that mixes two refunds moves only what WeChat’s answer is about', async () => {
    const [one, other] = [await accepted(), await accepted()]
    shop.wechat.settleRefund(one.outRefundNo, 'success')
    const mixed = shop.wechat.refundHintOf(one.outRefundNo, { outTradeNo: other.outTradeNo, outRefundNo: other.outRefundNo })
    await shop.notice(mixed)
    await shop.work(second)
    expect(await shop.readRefund(one.outRefundNo)).toMatchObject({ status: 'success' })
    expect(await shop.readRefund(other.outRefundNo)).toMatchObject({ status: 'processing' })
  })

  it('of a payment that is not ours is not acknowledged and asks nothing', async () => {
    const { outRefundNo } = await accepted()
    expect(await shop.notice(shop.wechat.refundHintOf(outRefundNo, { outTradeNo: 'P-of-nobody' }))).toBe('unknown-payment')
    expect(await shop.work(second)).toEqual([])
  })

  it('of a refund that was begun at WeChat makes it appear, once WeChat has confirmed it', async () => {
    const { outTradeNo } = await shop.paid(100)
    const outRefundNo = shop.wechat.refundInPlatform(outTradeNo, 30, 'success')
    expect(await shop.notice(shop.wechat.refundHintOf(outRefundNo))).toBe('hint')
    expect(await shop.refundsOf(outTradeNo)).toEqual([])
    await shop.work(second)
    expect(await shop.refundsOf(outTradeNo)).toMatchObject([{ outRefundNo, origin: 'wechat', status: 'success' }])
  })

  it('that WeChat does not confirm is asked about again by the queue', async () => {
    const { outTradeNo } = await shop.paid(100)
    const outRefundNo = shop.wechat.refundInPlatform(outTradeNo, 30, 'success')
    await shop.notice(shop.wechat.refundHintOf(outRefundNo))
    shop.wechat.during['query-refund'] = () => 'lose-before'
    await expect(shop.work(second)).rejects.toThrow('unknown')
  })
})
