import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { RefundStatus } from '../domain/refund.ts'
import { openTestShop, type TestShop } from '../testing/testShop.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop({ policy: { refundDuplicates: true } })
})
afterAll(() => shop.close())

const second = 1000
const minute = 60 * second

/** What each line of the history makes of a refund; the others tell of something else. */
const becomes: Record<string, RefundStatus> = {
  'refund.requested': 'submitting',
  'refund.accepted': 'processing',
  'refund.succeeded': 'success',
  'refund.closed': 'closed',
  'refund.needs_attention': 'needs-attention',
  'refund.refused': 'refused',
}

const Facts = z.object({ outRefundNo: z.string(), refundFen: z.number() })
type Line = z.infer<typeof Facts> & { type: string }

/** Goes through the events from the first to the last, knowing nothing else. */
function replay(lines: readonly Line[]): Map<string, { status: RefundStatus; refundFen: number }> {
  const refunds = new Map<string, { status: RefundStatus; refundFen: number }>()
  for (const { type, outRefundNo, refundFen } of lines) {
    const status = becomes[type]
    if (status) refunds.set(outRefundNo, { status, refundFen })
  }
  return refunds
}

async function requested(totalFen = 100) {
  const { outTradeNo } = await shop.paid(totalFen)
  const { refund } = await shop.refund(outTradeNo, 60)
  return refund.outRefundNo
}

/** One refund that ends in each way, and one that began at WeChat. */
async function everyWay(): Promise<void> {
  const ends = { success: await requested(), closed: await requested(), abnormal: await requested() }
  const settled = await requested()
  await requested()
  await shop.work(second)
  for (const state of ['success', 'closed', 'abnormal'] as const) shop.wechat.settleRefund(ends[state], state)
  shop.wechat.settleRefund(settled, 'abnormal')
  await shop.work(minute)
  shop.wechat.settleRefund(settled, 'success')
  await shop.notice(shop.wechat.refundNoticeOf(settled))
  shop.wechat.refuseRefundWith = { code: 'ERROR', description: '不行' }
  await requested()
  await shop.work(second)
  shop.wechat.refuseRefundWith = undefined
  const { outTradeNo } = await shop.paid(100)
  await shop.notice(shop.wechat.refundNoticeOf(shop.wechat.refundInPlatform(outTradeNo, 30, 'success')))
  await requested()
}

describe('the history of refunds', () => {
  it('R13 gives their states and amounts, and what they hold of their payments, when it is gone through again', async () => {
    await everyWay()
    const events = await shop.db.selectFrom('events').select(['type', 'data']).where('type', 'like', 'refund.%').orderBy('id').execute()
    const replayed = replay(events.map(({ type, data }) => ({ type, ...Facts.parse(data) })))
    const rows = await shop.db.selectFrom('refunds').select(['out_refund_no', 'status', 'refund_fen']).orderBy('id').execute()
    expect(new Set(rows.map(({ status }) => status)).size).toBe(6)
    expect(replayed).toEqual(new Map(rows.map((row) => [row.out_refund_no, { status: row.status, refundFen: row.refund_fen }])))
    const wrong = await shop.sql(
      `SELECT out_trade_no FROM payments WHERE reserved_refund_fen <>
         (SELECT coalesce(sum(refund_fen), 0) FROM refunds WHERE payment_id = payments.id AND status NOT IN ('closed', 'refused'))`,
    )
    expect(wrong).toEqual([])
  })
})
