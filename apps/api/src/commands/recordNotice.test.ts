import { randomUUID } from 'node:crypto'
import { toFen } from 'wxpay-core/money'
import type { PaidTrade, PaymentNotice } from 'wxpay-core/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { OrderNotCancellableError } from '../domain/errors.ts'
import { placesInChange } from '../testing/databaseFaults.ts'
import { usualProtocol } from '../testing/protocols.ts'
import { openTestShop, type TestShop } from '../testing/testShop.ts'
import { cancelOrder } from './cancelOrder.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const noticesOf = (outTradeNo: string) => shop.db.selectFrom('notices').selectAll().where('out_trade_no', '=', outTradeNo).execute()

/** An order whose first code was closed for a second one. */
async function refreshed() {
  const first = await shop.shown()
  shop.clock.advance(60_000)
  await shop.refresh(first.token)
  const second = await shop.last(first.token)
  expect(second.outTradeNo).not.toBe(first.outTradeNo)
  return { token: first.token, old: first.outTradeNo, current: second.outTradeNo }
}

/** WeChat's word for a number that its side has closed, or that it never told us of: the message is verified all the same. */
function paidNotice(outTradeNo: string, change: Partial<PaidTrade> = {}): PaymentNotice {
  return shop.wechat.noticeOf(outTradeNo, change)
}

describe('a notice', () => {
  it('R6 pays the order in one step: payment, order, event, stored message', async () => {
    const { token, outTradeNo } = await shop.shown()
    const before = (await shop.read(token)).order.version
    const notice = shop.wechat.pay(outTradeNo)
    expect(await shop.notice(notice)).toBe('applied')
    const { order, payments } = await shop.read(token)
    expect(order).toMatchObject({ status: 'paid', version: before + 1, recordedAt: shop.clock.now() })
    expect(payments).toMatchObject([{ status: 'paid', transactionId: shop.wechat.paidTrade(outTradeNo).transactionId, payerFen: 100 }])
    expect((await shop.eventTypes(token)).slice(-2)).toEqual(['payment.paid', 'order.paid'])
    expect(await noticesOf(outTradeNo)).toMatchObject([{ outcome: 'applied', deliveries: 1, raw: '<xml>notice</xml>' }])
    const paidEvent = await shop.db
      .selectFrom('events')
      .selectAll()
      .where('type', '=', 'order.paid')
      .where('order_id', '=', order.id)
      .execute()
    expect(paidEvent).toMatchObject([{ source: 'notice' }])
  })

  it('pays the order when WeChat does not say who paid', async () => {
    const { token, outTradeNo } = await shop.shown()
    shop.wechat.pay(outTradeNo)
    expect(await shop.notice(paidNotice(outTradeNo, { openId: null }))).toBe('applied')
    expect((await shop.read(token)).payments).toMatchObject([{ status: 'paid', openId: null }])
  })

  it.each(placesInChange)('R6 writes nothing at all when the transaction fails $moment: $statement', async ({ moment, statement }) => {
    const { token, outTradeNo } = await shop.shown()
    const before = await shop.read(token)
    const events = await shop.eventTypes(token)
    const notice = shop.wechat.pay(outTradeNo)
    await expect(shop.noticeFailingAt(statement, notice, moment)).rejects.toThrow('the database is gone')
    expect(await shop.read(token)).toEqual(before)
    expect(await shop.eventTypes(token)).toEqual(events)
    expect(await noticesOf(outTradeNo)).toEqual([])
    expect(await shop.notice(notice)).toBe('applied')
  })

  it('R10 that comes 100 times at once is one transition and one event, and all are acknowledged', async () => {
    const { token, outTradeNo } = await shop.shown()
    const before = (await shop.read(token)).order.version
    const notice = shop.wechat.pay(outTradeNo)
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => shop.notice(notice)))
    expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'repeat')).toHaveLength(99)
    expect((await shop.read(token)).order.version).toBe(before + 1)
    expect((await shop.eventTypes(token)).filter((type) => type === 'payment.paid' || type === 'order.paid')).toHaveLength(2)
    expect(await noticesOf(outTradeNo)).toMatchObject([{ deliveries: 100, outcome: 'applied' }])
    expect(shop.anomalies).toEqual([])
  })

  it('R6 goes by the payment’s state, not by the message: 20 different messages about one payment are one transition', async () => {
    const { token, outTradeNo } = await shop.shown()
    shop.wechat.pay(outTradeNo)
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => shop.notice(paidNotice(outTradeNo))))
    expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(1)
    expect(await noticesOf(outTradeNo)).toHaveLength(20)
    expect((await shop.eventTypes(token)).filter((type) => type === 'order.paid')).toHaveLength(1)
  })

  it('R6 acknowledges a duplicate only after the first has committed', async () => {
    const { outTradeNo } = await shop.shown()
    const notice = shop.wechat.pay(outTradeNo)
    const order: string[] = []
    await shop.holdingOrder(outTradeNo, async (release) => {
      const both = [shop.notice(notice), shop.notice(notice)].map((one) => one.then((outcome) => order.push(outcome)))
      await shop.waitUntilBlocked(2)
      order.push('released')
      release()
      await Promise.all(both)
    })
    expect(order[0]).toBe('released')
    expect(order.slice(1).toSorted()).toEqual(['applied', 'repeat'])
  })

  it('R10 that says a payment failed changes nothing, and its repeats write no history', async () => {
    const { token, outTradeNo } = await shop.shown()
    const before = await shop.read(token)
    const failed: PaymentNotice = {
      protocol: usualProtocol,
      noticeId: randomUUID(),
      raw: '<xml/>',
      outcome: 'failed',
      outTradeNo,
      code: 'PAYERROR',
      description: '支付失败',
    }
    await Promise.all(Array.from({ length: 5 }, () => shop.notice(failed)))
    expect(await shop.read(token)).toEqual(before)
    expect((await shop.eventTypes(token)).filter((type) => type === 'payment.failed')).toHaveLength(1)
    expect(await noticesOf(outTradeNo)).toMatchObject([{ outcome: 'failed', deliveries: 5 }])
    expect(await shop.notice(shop.wechat.pay(outTradeNo))).toBe('applied')
  })

  it('R3 finds the payment while its create is under way', async () => {
    let outcome: string | undefined
    shop.wechat.after.prepay = async (outTradeNo) => {
      outcome = await shop.notice(shop.wechat.pay(outTradeNo))
    }
    const { answer } = await shop.open()
    expect(outcome).toBe('applied')
    expect(answer.view).toMatchObject({ status: 'paid', action: null })
    expect(await shop.work(24 * 3_600_000)).toEqual([])
  })
})

describe('a notice for a number that we do not know', () => {
  it('R9 is stored, alarmed and not acknowledged, each time', async () => {
    const { outTradeNo } = await shop.shown()
    const notice = shop.wechat.noticeOf(outTradeNo, { outTradeNo: 'NOT-OURS-1' })
    expect(await shop.notice(notice)).toBe('unknown-payment')
    expect(await shop.notice(notice)).toBe('unknown-payment')
    expect(await noticesOf('NOT-OURS-1')).toMatchObject([{ outcome: 'unknown-payment', deliveries: 2, payment_id: null }])
    expect(shop.anomalies).toEqual(['unknown-payment', 'unknown-payment'])
    const events = await shop.db.selectFrom('events').selectAll().where('type', '=', 'notice.unknown_payment').execute()
    expect(events[0]).toMatchObject({ order_id: null, source: 'notice', data: { outTradeNo: 'NOT-OURS-1' } })
  })

  it('R9 is applied when it comes again and the order is there', async () => {
    const { token, outTradeNo } = await shop.shown()
    const notice = shop.wechat.pay(outTradeNo)
    await shop.hiding(outTradeNo, async () => {
      expect(await shop.notice(notice)).toBe('unknown-payment')
    })
    expect(await shop.notice(notice)).toBe('applied')
    expect((await shop.read(token)).order.status).toBe('paid')
    const { id } = await shop.payment(outTradeNo)
    expect(await noticesOf(outTradeNo)).toMatchObject([{ outcome: 'applied', deliveries: 2, payment_id: id }])
  })

  it('R9 does no harm when it comes 20 times at once', async () => {
    const { outTradeNo } = await shop.shown()
    const notice = shop.wechat.noticeOf(outTradeNo, { outTradeNo: 'NOT-OURS-2' })
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => shop.notice(notice)))
    expect(new Set(outcomes)).toEqual(new Set(['unknown-payment']))
    expect(await noticesOf('NOT-OURS-2')).toMatchObject([{ deliveries: 20 }])
  })
})

describe('a notice of the wrong money', () => {
  it.each([
    { what: 'one fen too little', change: { totalFen: toFen(99) } },
    { what: 'one fen too much', change: { totalFen: toFen(101) } },
    { what: 'another currency', change: { currency: 'HKD' } },
  ])('R9 flags the payment once and does not pay the order: $what', async ({ change }) => {
    const { token, outTradeNo } = await shop.shown()
    const notice = paidNotice(outTradeNo, change)
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => shop.notice(notice)))
    expect(outcomes.toSorted()).toEqual(['flagged', ...Array.from({ length: 9 }, () => 'repeat')])
    const { order, payments } = await shop.read(token)
    expect(order.status).toBe('unpaid')
    expect(payments).toMatchObject([{ status: 'pending', anomalies: ['amount-mismatch'] }])
    expect(shop.anomalies).toEqual(['amount-mismatch'])
    expect((await shop.eventTypes(token)).filter((type) => type === 'payment.amount-mismatch')).toHaveLength(1)
  })

  it('R9 is closed by no path and replaced by nothing; the right notice pays afterwards', async () => {
    const { token, outTradeNo } = await shop.shown()
    await shop.notice(paidNotice(outTradeNo, { totalFen: toFen(99) }))
    shop.wechat.calls.length = 0

    await expect(cancelOrder(shop.payments, { token })).rejects.toThrow(OrderNotCancellableError)
    const { answer } = await shop.refresh(token)
    expect(answer).toMatchObject({
      status: 409,
      errorCode: 'order_not_payable',
      view: { problem: { code: 'amount_mismatch' }, action: null },
    })
    await shop.work(24 * 3_600_000)

    const { order, payments } = await shop.read(token)
    expect(order.status).toBe('unpaid')
    expect(payments).toMatchObject([{ status: 'pending', outTradeNo }])
    expect(shop.wechat.callsAbout(outTradeNo)).not.toContain('close')
    expect(await shop.nextTurn(outTradeNo, 'close')).toBeNull()

    expect(await shop.notice(shop.wechat.pay(outTradeNo))).toBe('applied')
    expect((await shop.read(token)).order.status).toBe('paid')
  })

  it('R9 leaves a close under way open', async () => {
    const { token, outTradeNo } = await shop.shown()
    shop.wechat.during.close = () => 'lose-before'
    expect(await cancelOrder(shop.payments, { token })).toMatchObject({ outcome: 'closing' })
    expect(await shop.notice(paidNotice(outTradeNo, { totalFen: toFen(99) }))).toBe('flagged')
    shop.wechat.during.close = () => 'answer'
    await shop.work(24 * 3_600_000)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closing', anomalies: ['amount-mismatch'] })
    expect((await shop.read(token)).order.status).toBe('unpaid')
    expect(await shop.notice(shop.wechat.pay(outTradeNo))).toBe('applied')
  })

  it('R9 does not repeat a create for ever whose money has come already, and wrong', async () => {
    shop.wechat.during.prepay = () => 'lose-after'
    const { outTradeNo } = await shop.shown()
    await shop.notice(paidNotice(outTradeNo, { totalFen: toFen(99) }))
    const before = shop.wechat.callsOf('prepay')
    await shop.work(3_600_000)
    expect(shop.wechat.callsOf('prepay')).toBe(before)
    expect(await shop.nextTurn(outTradeNo, 'prepare')).toBeNull()
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'preparing', anomalies: ['amount-mismatch'] })
  })

  it('R9 flags a second payment of WeChat for a paid payment, and keeps the first', async () => {
    const { token, outTradeNo } = await shop.shown()
    await shop.notice(shop.wechat.pay(outTradeNo))
    const { transactionId } = await shop.payment(outTradeNo)
    expect(await shop.notice(paidNotice(outTradeNo, { transactionId: '4299999999' }))).toBe('flagged')
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'paid', transactionId, anomalies: ['conflict'] })
    expect((await shop.read(token)).order.status).toBe('paid')
    expect(shop.anomalies).toEqual(['conflict'])
  })

  it('R9 flags another amount for a paid payment, which stays paid', async () => {
    const { token, outTradeNo } = await shop.shown()
    await shop.notice(shop.wechat.pay(outTradeNo))
    expect(await shop.notice(paidNotice(outTradeNo, { totalFen: toFen(99) }))).toBe('flagged')
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'paid', anomalies: ['amount-mismatch'] })
    expect((await shop.read(token)).order.status).toBe('paid')
  })
})

describe('money for more than one attempt', () => {
  it('R12 pays the order once when two attempts are paid at the same instant, and flags one duplicate', async () => {
    const { token, old, current } = await refreshed()
    shop.wechat.pay(current)
    const outcomes = await Promise.all([shop.notice(paidNotice(old)), shop.notice(paidNotice(current))])
    expect(outcomes).toEqual(['applied', 'applied'])
    const { order, payments } = await shop.read(token)
    expect(order.status).toBe('paid')
    expect(payments.map(({ status }) => status)).toEqual(['paid', 'paid'])
    expect(payments.filter(({ anomalies }) => anomalies.includes('duplicate'))).toHaveLength(1)
    expect((await shop.eventTypes(token)).filter((type) => type === 'order.paid')).toHaveLength(1)
    expect(shop.anomalies.filter((kind) => kind === 'duplicate')).toHaveLength(1)
  })

  it('R15 pays an order that was refreshed by its old code, and closes the new one', async () => {
    const { token, old, current } = await refreshed()
    expect(await shop.notice(paidNotice(old))).toBe('applied')
    expect((await shop.read(token)).order).toMatchObject({ status: 'paid' })
    const done = await shop.work(1_000)
    expect(done).toContain('close-payment')
    expect(await shop.payment(current)).toMatchObject({ status: 'closed', closeReason: 'order-paid' })
    expect((await shop.read(token)).order.status).toBe('paid')
  })
})

describe('money after the order was closed', () => {
  it('R15 marks the payment, leaves the order closed and tells the shop, under the policy flag', async () => {
    const { token, outTradeNo } = await shop.shown()
    await cancelOrder(shop.payments, { token })
    expect(await shop.notice(paidNotice(outTradeNo))).toBe('applied')
    const { order, payments } = await shop.read(token)
    expect(order).toMatchObject({ status: 'closed', closedReason: 'cancelled' })
    expect(payments).toMatchObject([{ status: 'paid', anomalies: ['paid-after-close'] }])
    expect(await shop.eventTypes(token)).toContain('payment.paid_late')
    expect(shop.anomalies).toEqual(['paid-after-close'])
    expect(await shop.notice(paidNotice(outTradeNo))).toBe('repeat')
  })

  it('R15 pays the order under the policy accept, and still tells the shop', async () => {
    await shop.reset({ latePayment: 'accept' })
    const { token, outTradeNo } = await shop.shown()
    await cancelOrder(shop.payments, { token })
    expect(await shop.notice(paidNotice(outTradeNo))).toBe('applied')
    expect((await shop.read(token)).order.status).toBe('paid')
    expect(await shop.payment(outTradeNo)).toMatchObject({ anomalies: ['paid-after-close'] })
    expect(await shop.eventTypes(token)).toEqual(expect.arrayContaining(['payment.paid_late', 'order.paid']))
  })
})
