import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestShop, type TestShop } from '../testing/testShop.ts'
import { acceptPayment } from './acceptPayment.ts'
import { cancelOrder } from './cancelOrder.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset({ refundDuplicates: true }))
afterAll(() => shop.close())

const second = 1000

/** An order with two attempts that can both bring money: the first closed at WeChat, where the payer's bank was slow. */
async function refreshed() {
  const first = await shop.shown(100)
  shop.clock.advance(60_000)
  await shop.refresh(first.token)
  const { outTradeNo: current } = await shop.last(first.token)
  return { token: first.token, old: first.outTradeNo, current }
}

async function cancelled() {
  const shown = await shop.shown(100)
  await cancelOrder(shop.payments, { token: shown.token })
  expect((await shop.read(shown.token)).order).toMatchObject({ status: 'closed', closedReason: 'cancelled' })
  shop.wechat.payLate(shown.outTradeNo)
  return shown
}

describe('R12 an order that is paid twice', () => {
  it('sends the second payment back by itself, stored with the money under a number made of the payment’s', async () => {
    const { token, old, current } = await refreshed()
    await shop.notice(shop.wechat.pay(current))
    expect(await shop.notice(shop.wechat.noticeOf(old))).toBe('applied')
    const { order, payments } = await shop.read(token)
    expect(order.status).toBe('paid')
    expect(payments.find(({ outTradeNo }) => outTradeNo === old)).toMatchObject({ status: 'paid', reservedRefundFen: 100 })
    expect(await shop.refundsOf(old)).toMatchObject([
      { origin: 'duplicate', status: 'submitting', refundFen: 100, outRefundNo: `${old}-back`, reason: '重复支付，自动退款' },
    ])
    expect(await shop.refundsOf(current)).toEqual([])
    expect((await shop.eventTypes(token)).filter((type) => type === 'payment.duplicate' || type === 'refund.requested')).toEqual([
      'payment.duplicate',
      'refund.requested',
    ])
    await shop.work(second)
    expect(await shop.refundsOf(old)).toMatchObject([{ status: 'processing' }])
  })

  it('sends back one of two that are paid at the same instant, once, however often the notices come', async () => {
    const { token, old, current } = await refreshed()
    const notices = [shop.wechat.pay(current), shop.wechat.noticeOf(old)]
    await Promise.all(Array.from({ length: 10 }, () => notices.map((notice) => shop.notice(notice))).flat())
    const { payments } = await shop.read(token)
    expect(payments.filter(({ anomalies }) => anomalies.includes('duplicate'))).toHaveLength(1)
    const refunds = [...(await shop.refundsOf(old)), ...(await shop.refundsOf(current))]
    expect(refunds).toMatchObject([{ origin: 'duplicate' }])
    await shop.work(second)
    expect([...shop.wechat.refunds.values()].filter((one) => one.outTradeNo === old || one.outTradeNo === current)).toHaveLength(1)
  })

  it('keeps both payments when the shop does not want that', async () => {
    await shop.reset({ refundDuplicates: false })
    const { old, current } = await refreshed()
    await shop.notice(shop.wechat.pay(current))
    await shop.notice(shop.wechat.noticeOf(old))
    expect(await shop.payment(old)).toMatchObject({ anomalies: ['paid-after-close', 'duplicate'], reservedRefundFen: 0 })
    expect(await shop.refundsOf(old)).toEqual([])
  })

  it('writes neither money nor refund when one of them cannot be written', async () => {
    const { old, current } = await refreshed()
    await shop.notice(shop.wechat.pay(current))
    await expect(shop.noticeFailingAt('insert into "refunds"', shop.wechat.noticeOf(old))).rejects.toThrow('the database is gone')
    expect(await shop.payment(old)).toMatchObject({ status: 'closed', reservedRefundFen: 0 })
    expect(await shop.refundsOf(old)).toEqual([])
  })

  it('stores the refund also when nothing is set up to refund with, and an owner hears of it once', async () => {
    shop.wechat.forbidRefunds()
    const { old, current } = await refreshed()
    await shop.notice(shop.wechat.pay(current))
    expect(await shop.notice(shop.wechat.noticeOf(old))).toBe('applied')
    shop.anomalies.length = 0
    await shop.work(3_600_000)
    expect(await shop.refundsOf(old)).toMatchObject([{ origin: 'duplicate', status: 'submitting' }])
    expect(shop.anomalies).toEqual(['refunds-not-enabled'])
  })

  it('tells an owner when WeChat refuses it: nobody else waits for it', async () => {
    const { old, current } = await refreshed()
    await shop.notice(shop.wechat.pay(current))
    await shop.notice(shop.wechat.noticeOf(old))
    shop.anomalies.length = 0
    shop.wechat.refuseRefundWith = { code: 'USER_ACCOUNT_ABNORMAL', description: '用户帐号注销' }
    await shop.work(second)
    expect(await shop.refundsOf(old)).toMatchObject([{ status: 'refused' }])
    expect(shop.anomalies).toEqual(['refund-refused'])
  })
})

describe('R15 money that comes after the order closed', () => {
  it('goes back under the policy refund: the order stays closed, and the shop is told of both', async () => {
    await shop.reset({ latePayment: 'refund' })
    const { token, outTradeNo } = await cancelled()
    expect(await shop.notice(shop.wechat.noticeOf(outTradeNo))).toBe('applied')
    expect((await shop.read(token)).order).toMatchObject({ status: 'closed', closedReason: 'cancelled' })
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'paid', anomalies: ['paid-after-close'], reservedRefundFen: 100 })
    expect(await shop.refundsOf(outTradeNo)).toMatchObject([{ origin: 'late', refundFen: 100, reason: '订单已关闭，自动退款' }])
    expect((await shop.eventTypes(token)).slice(-3)).toEqual(['payment.paid_late', 'payment.paid-after-close', 'refund.requested'])
    await shop.work(second)
    expect(await shop.refundsOf(outTradeNo)).toMatchObject([{ status: 'processing' }])
  })

  it.each([
    ['flag', 'closed'],
    ['accept', 'paid'],
  ] as const)('stays under the policy %s: the order is %s', async (latePayment, status) => {
    await shop.reset({ latePayment })
    const { token, outTradeNo } = await cancelled()
    await shop.notice(shop.wechat.noticeOf(outTradeNo))
    expect((await shop.read(token)).order.status).toBe(status)
    expect(await shop.refundsOf(outTradeNo)).toEqual([])
    expect(await shop.eventTypes(token)).toContain('payment.paid_late')
  })

  it('goes back also when an operator accepted it on WeChat’s word', async () => {
    await shop.reset({ latePayment: 'refund' })
    const { outTradeNo } = await cancelled()
    await shop.sql('UPDATE payments SET confirming_since = $2 WHERE out_trade_no = $1', [outTradeNo, shop.clock.now()])
    expect(await acceptPayment(shop.payments, { outTradeNo, operator: 'li' })).toMatchObject({ accepted: true })
    expect(await shop.refundsOf(outTradeNo)).toMatchObject([{ origin: 'late' }])
  })

  it('pays an order that was only refreshed, whatever the policy', async () => {
    await shop.reset({ latePayment: 'refund' })
    const { token, old } = await refreshed()
    shop.wechat.payLate(old)
    await shop.notice(shop.wechat.noticeOf(old))
    expect((await shop.read(token)).order.status).toBe('paid')
    expect(await shop.refundsOf(old)).toEqual([])
  })
})

describe('R9 money that does not fit', () => {
  it('never goes back by itself', async () => {
    await shop.reset({ refundDuplicates: true, latePayment: 'refund' })
    const { outTradeNo } = await cancelled()
    shop.wechat.reportFen = 99
    expect(await shop.notice(shop.wechat.noticeOf(outTradeNo))).toBe('flagged')
    expect(await shop.refundsOf(outTradeNo)).toEqual([])
  })

  it('never goes back by itself when it is reported under a second number', async () => {
    const { outTradeNo } = await shop.paid(100)
    expect(await shop.notice(shop.wechat.noticeOf(outTradeNo, { transactionId: '4200000002' }))).toBe('flagged')
    expect(await shop.payment(outTradeNo)).toMatchObject({ anomalies: ['conflict'] })
    expect(await shop.refundsOf(outTradeNo)).toEqual([])
  })
})

describe('a query that says paid and refunded', () => {
  it('R17 is paid by the policy, and somebody hears that money went back which we know nothing of', async () => {
    await shop.reset({ paidBy: 'notice-or-query' })
    const { token, outTradeNo } = await shop.shown(100)
    shop.wechat.pay(outTradeNo)
    shop.wechat.querySaysRefunded = true
    await shop.work(60_000)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'paid' })
    expect(shop.anomalies).toEqual(['refunded-at-wechat'])
    expect(await shop.eventTypes(token)).toContain('payment.refunded_at_wechat')
  })
})
