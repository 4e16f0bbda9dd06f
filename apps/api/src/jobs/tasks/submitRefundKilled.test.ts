import type { RefundRequest } from 'wxpay-core/protocol'
import { toFen } from 'wxpay-core/money'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { startAnswers, startRefundWorker } from '../../testing/refundWorker.ts'
import { openTestShop, type TestShop } from '../../testing/testShop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const Request = z.object({
  outTradeNo: z.string(),
  transactionId: z.string(),
  outRefundNo: z.string(),
  totalFen: z.number().transform(toFen),
  refundFen: z.number().transform(toFen),
  notifyUrl: z.string(),
})
const patience = { timeout: 60_000, interval: 20 }

/** WeChat's side: what it was asked, and what it knows, beyond the life of any worker. */
async function startWechat(hang: (call: string) => 'before' | 'after' | 'not') {
  const asked: string[] = []
  const bodies: string[] = []
  const url = await startAnswers(async (call, body) => {
    asked.push(call)
    const hangs = hang(call)
    if (hangs === 'before') return forever
    if (call === 'query-refund') {
      const { outRefundNo } = z.object({ outRefundNo: z.string() }).parse(body)
      return { refund: shop.wechat.refunds.has(outRefundNo) ? shop.wechat.reportedRefund(outRefundNo) : null }
    }
    bodies.push(JSON.stringify(body))
    const request: RefundRequest = Request.parse(body)
    const answer = await shop.wechat.refund?.(request)
    return hangs === 'after' ? forever : { refund: answer?.refund }
  })
  return { url, asked, bodies }
}

const forever = new Promise<never>(() => undefined)

describe('R23 a worker that is killed (kill -9) while it submits a refund', () => {
  it.each([
    ['after WeChat has accepted it and before we have recorded that', 'after', ['refund', 'query-refund']],
    ['before WeChat has got it', 'before', ['refund', 'query-refund', 'refund']],
  ] as const)('%s refunds once: the next one asks first', async (_when, moment, calls) => {
    const { outTradeNo } = await shop.paid(100)
    const { refund } = await shop.refund(outTradeNo, 60)
    let killed = false
    const wechat = await startWechat((call) => (call === 'refund' && !killed ? moment : 'not'))
    const now = shop.clock.now().getTime()
    const settings = { database: shop.databaseConfig, wechatUrl: wechat.url }
    const first = startRefundWorker({ ...settings, now })
    const wasReached = () => wechat.asked.length === 1 && (moment === 'before' || shop.wechat.refunds.has(refund.outRefundNo))
    await vi.waitUntil(wasReached, patience)
    await first.kill()
    killed = true
    expect(await shop.readRefund(refund.outRefundNo)).toMatchObject({ status: 'submitting' })

    // Half a minute later: the turn, and the slot, of the dead one come to another.
    startRefundWorker({ ...settings, now: now + 31_000 })
    await vi.waitUntil(async () => (await shop.readRefund(refund.outRefundNo)).status === 'processing', patience)
    expect(wechat.asked).toEqual(calls)
    expect(new Set(wechat.bodies).size).toBe(1)
    const ofPayment = [...shop.wechat.refunds.entries()].filter(([, one]) => one.outTradeNo === outTradeNo)
    expect(ofPayment).toMatchObject([[refund.outRefundNo, { refundFen: 60 }]])
    expect(await shop.refundsOf(outTradeNo)).toHaveLength(1)
    expect(await shop.reserved(outTradeNo)).toBe(60)
  })
})
