import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { IdempotencyKeyReusedError } from '../domain/errors.ts'
import {
  PaymentNotFoundError,
  PaymentNotPaidError,
  RefundExceedsPaymentError,
  RefundsNotEnabledError,
  RefundWindowOverError,
  TooManyRefundsError,
} from '../domain/refundErrors.ts'
import { openTestShop, refundOf, type TestShop } from '../testing/testShop.ts'
import { isDatabaseAway } from '../web/databaseAway.ts'
import { requestRefund } from './requestRefund.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const day = 86_400_000

/** What became of them: how many were stored, and the classes of the refusals. */
function outcomes(settled: readonly PromiseSettledResult<unknown>[]) {
  const refusals = settled.flatMap((one) => (one.status === 'rejected' && one.reason instanceof Error ? [one.reason] : []))
  return { stored: settled.length - refusals.length, refusals }
}

/** More requests than connections: on a slow machine some get none in time, which is a 503 to the caller, who asks again. */
async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    if (isDatabaseAway(error)) return patiently(ask)
    throw error
  }
}

describe('a refund that somebody asks for', () => {
  it('R2 R19 is stored with its number, its exact request, its turn and what it reserves, before WeChat hears of it', async () => {
    const { token, outTradeNo } = await shop.paid(100)
    const { version } = (await shop.read(token)).order
    const { refund, replayed } = await shop.refund(outTradeNo, 60)
    expect(refund).toMatchObject({ status: 'submitting', origin: 'operator', refundFen: 60, refundId: null })
    expect(replayed).toBe(false)
    expect(shop.wechat.callsOf('refund')).toBe(0)
    expect(await shop.reserved(outTradeNo)).toBe(60)
    expect(await shop.nextRefundTurn(refund.outRefundNo)).toEqual(shop.clock.now())
    const [row] = await shop.sql('SELECT request FROM refunds WHERE out_refund_no = $1', [refund.outRefundNo])
    expect(row).toEqual({
      request: {
        outTradeNo,
        transactionId: shop.wechat.paidTrade(outTradeNo).transactionId,
        outRefundNo: refund.outRefundNo,
        totalFen: 100,
        refundFen: 60,
        notifyUrl: 'https://shop.example/notices/v2/refunds',
      },
    })
    expect((await shop.eventTypes(token)).at(-1)).toBe('refund.requested')
    expect((await shop.read(token)).order.version).toBe(version + 1)
  })

  it('R18 never takes more than was paid, however the parts fall: 100 at once of a payment for 50 of them', async () => {
    const { outTradeNo } = await shop.paid(1000)
    const settled = await Promise.allSettled(Array.from({ length: 100 }, () => patiently(() => shop.refund(outTradeNo, 21))))
    const { stored, refusals } = outcomes(settled)
    expect(stored).toBe(47)
    expect(new Set(refusals.map((refusal) => refusal.constructor))).toEqual(new Set([RefundExceedsPaymentError]))
    expect(await shop.reserved(outTradeNo)).toBe(47 * 21)
    expect(await shop.refundsOf(outTradeNo)).toHaveLength(47)
  })

  it('R18 is held by the database, whatever the code above it does', async () => {
    const { outTradeNo } = await shop.paid(100)
    const reserve = (fen: number) => shop.sql('UPDATE payments SET reserved_refund_fen = $2 WHERE out_trade_no = $1', [outTradeNo, fen])
    await expect(reserve(101)).rejects.toThrow('payments_refunds_within_paid')
    await expect(reserve(-1)).rejects.toThrow('payments_refunds_within_paid')
    const { outTradeNo: unpaid } = await shop.shown()
    await expect(shop.sql('UPDATE payments SET reserved_refund_fen = 1 WHERE out_trade_no = $1', [unpaid])).rejects.toThrow('within_paid')
  })

  it('R1 is one refund for 50 equal requests at once', async () => {
    const { outTradeNo } = await shop.paid(100)
    const key = randomUUID()
    const all = await Promise.all(Array.from({ length: 50 }, () => shop.refund(outTradeNo, 30, key)))
    expect(new Set(all.map(({ refund }) => refund.outRefundNo)).size).toBe(1)
    expect(all.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(await shop.reserved(outTradeNo)).toBe(30)
  })

  it('R1 is answered again as it is by now, and not asked for again', async () => {
    const { outTradeNo } = await shop.paid(100)
    const key = randomUUID()
    const { refund } = await shop.refund(outTradeNo, 30, key)
    await shop.work(1000)
    expect(await shop.refund(outTradeNo, 30, key)).toMatchObject({
      replayed: true,
      refund: { outRefundNo: refund.outRefundNo, status: 'processing' },
    })
  })

  it.each([
    ['another amount', 31, undefined],
    ['another reason', 30, '缺货'],
  ])('R1 is refused when its key comes with %s, and changes nothing', async (_what, amountFen, reason) => {
    const { outTradeNo } = await shop.paid(100)
    const key = randomUUID()
    await shop.refund(outTradeNo, 30, key)
    await expect(requestRefund(shop.payments, refundOf(outTradeNo, amountFen, key, reason))).rejects.toThrow(IdempotencyKeyReusedError)
    expect(await shop.reserved(outTradeNo)).toBe(30)
  })

  it('R1 is refused when its key was used for another payment, also at the same time', async () => {
    const [one, other] = [await shop.paid(100), await shop.paid(100)]
    const key = randomUUID()
    const { stored, refusals } = outcomes(await Promise.allSettled([one, other].map(({ outTradeNo }) => shop.refund(outTradeNo, 30, key))))
    expect(stored).toBe(1)
    expect(refusals).toEqual([expect.any(IdempotencyKeyReusedError)])
  })

  it('can be asked for with the same key after a refusal: nothing was kept', async () => {
    const { outTradeNo } = await shop.paid(100)
    const key = randomUUID()
    await expect(shop.refund(outTradeNo, 101, key)).rejects.toThrow(RefundExceedsPaymentError)
    expect((await shop.refund(outTradeNo, 100, key)).replayed).toBe(false)
  })

  it('is refused for a number that is no payment', async () => {
    await expect(shop.refund('P-nobody', 1)).rejects.toThrow(PaymentNotFoundError)
  })

  it('is refused for a payment that is not paid', async () => {
    const { outTradeNo } = await shop.shown()
    await expect(shop.refund(outTradeNo, 1)).rejects.toThrow(PaymentNotPaidError)
    expect(await shop.refundsOf(outTradeNo)).toEqual([])
  })

  it('R19 is refused as the 51st of a payment; what WeChat has refused does not count', async () => {
    const { outTradeNo } = await shop.paid(100)
    for (let count = 0; count < 50; count += 1) await shop.refund(outTradeNo, 1)
    await expect(shop.refund(outTradeNo, 1)).rejects.toThrow(TooManyRefundsError)
    await shop.sql(
      `UPDATE refunds SET status = 'refused' WHERE id = (SELECT max(id) FROM refunds WHERE payment_id = (SELECT id FROM payments WHERE out_trade_no = $1))`,
      [outTradeNo],
    )
    await shop.refund(outTradeNo, 1)
  })

  it('goes by the payment’s own protocol; by another when that one cannot refund; and is refused when none can', async () => {
    const { outTradeNo } = await shop.paid(100)
    expect((await shop.refund(outTradeNo, 1)).refund.protocol).toBe(shop.wechat.protocol)
    shop.speak(shop.wechat, shop.otherWechat)
    shop.wechat.forbidRefunds()
    expect((await shop.refund(outTradeNo, 1)).refund.protocol).toBe(shop.otherWechat.protocol)
    shop.otherWechat.forbidRefunds()
    await expect(shop.refund(outTradeNo, 1)).rejects.toThrow(RefundsNotEnabledError)
    expect(await shop.reserved(outTradeNo)).toBe(2)
  })

  it('R19 is refused a year after the payment, and taken a second before', async () => {
    const { outTradeNo } = await shop.paid(100)
    const { paidAt } = await shop.payment(outTradeNo)
    // The last of this file: the clock does not go back.
    shop.clock.reach(new Date((paidAt?.getTime() ?? 0) + 365 * day - 1000))
    await shop.refund(outTradeNo, 1)
    shop.clock.advance(2000)
    await expect(shop.refund(outTradeNo, 1)).rejects.toThrow(RefundWindowOverError)
  })
})
