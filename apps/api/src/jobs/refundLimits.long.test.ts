import { sql } from 'kysely'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWechatGates } from '../commands/steps/wechatGates.ts'
import { CountingWechat, mostPerSecond, shortestGapMs } from '../testing/countingWechat.ts'
import { openTestShop, type TestShop } from '../testing/testShop.ts'
import { VirtualTime } from '../testing/virtualTime.ts'
import type { TaskContext } from './tasks/taskContext.ts'
import { turnKinds, type TurnKind } from './turns.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
afterAll(() => shop.close())

const count = Number(process.env['COUNT'] ?? 10_000)
const seed = Number(process.env['SEED'] ?? 1)
const workers = 3
const tickMs = 25
const longest = 3_600_000

const kinds = turnKinds.filter(({ name }) => name === 'submit-refund' || name === 'query-refund')

describe('R19 WeChat’s limits', () => {
  it(
    'are kept by several workers with 10,000 refunds, of which all come to their end',
    async () => {
      const time = new VirtualTime(shop.clock.now())
      const wechat = new CountingWechat(time, { next: seeded(seed) })
      await storeRefunds(await shop.paid(100), time.now())
      const begun = { realMs: performance.now(), virtualMs: time.nowMs }
      const crews = Array.from({ length: workers }, () => kinds.map((kind) => openCrew(contextOf(time, wechat), kind, time)))
      await workUntilOver(time, crews.flat())

      const failing = wechat.arrivals.filter(({ failed }) => failed)
      const figures = {
        calls: mostPerSecond(wechat.arrivals),
        failing: mostPerSecond(failing),
        gapMs: shortestGapMs(wechat.arrivals),
      }
      process.stdout.write(`
refunds within WeChat's limits, SEED=${seed}: ${count} refunds, ${workers} workers, ${wechat.arrivals.length} calls, ${wechat.queries} queries
  took                        ${Math.round((time.nowMs - begun.virtualMs) / 1000)} s of virtual time, ${Math.round((performance.now() - begun.realMs) / 1000)} s of real time
  calls in one second         ${figures.calls} at most (WeChat: 150)
  failing calls in one second ${figures.failing} at most of ${failing.length} (WeChat: 6)
  between refunds of one payment ${Math.round(figures.gapMs / 1000)} s at least (WeChat: 60 s)
`)
      expect(figures.calls).toBeLessThanOrEqual(150)
      expect(figures.failing).toBeLessThanOrEqual(6)
      expect(figures.gapMs).toBeGreaterThanOrEqual(60_000)
      // The limits were near: with fewer failing calls than slots the test would have shown nothing.
      expect(figures.failing).toBeGreaterThan(2)
      expect(wechat.refunds.size).toBe(count)
      expect(await shop.sql('SELECT status, count(*)::int AS count FROM refunds GROUP BY status')).toEqual([{ status: 'success', count }])
      expect(Math.max(...wechat.refundedFen.values())).toBeLessThanOrEqual(100)
      expect(await shop.sql('SELECT FROM payments WHERE reserved_refund_fen > total_fen')).toEqual([])
    },
    longest,
  )
})

/** Most payments have one refund, a fifth of them three or four, which have to keep their distance. */
async function storeRefunds(like: { outTradeNo: string; orderId: string }, at: Date): Promise<void> {
  const payments = Math.ceil(count * 0.7)
  await shop.sql(
    `WITH numbers AS (SELECT generate_series(1, $3::int) AS n),
       ours AS (
         INSERT INTO orders (token, order_no, amount_fen, description, client_address, status, created_at, paid_at, recorded_at)
         SELECT 'many-many-many-many-many-' || n, 'many-' || n, 100, description, client_address, 'paid', created_at, paid_at, recorded_at
         FROM orders, numbers WHERE orders.id = $2 RETURNING id, order_no
       )
     INSERT INTO payments (order_id, out_trade_no, protocol, trade_type, total_fen, request, status, created_at, expires_at, action,
       transaction_id, payer_fen, paid_at, recorded_at)
     SELECT ours.id, ours.order_no, protocol, trade_type, 100, request, 'paid', created_at, expires_at, action,
       'T' || ours.id, 100, paid_at, recorded_at
     FROM payments, ours WHERE payments.out_trade_no = $1`,
    [like.outTradeNo, like.orderId, payments],
  )
  // The n-th refund is of payment n, and what is left over goes round among the first.
  await shop.sql(
    `INSERT INTO refunds (payment_id, out_refund_no, origin, protocol, refund_fen, request, status, created_at, next_submit_at)
     SELECT payments.id, 'R-' || n, 'operator', payments.protocol, 10,
       jsonb_build_object('outTradeNo', out_trade_no, 'transactionId', transaction_id, 'outRefundNo', 'R-' || n, 'totalFen', 100,
         'refundFen', 10, 'notifyUrl', 'https://shop.example/notices'),
       'submitting', $3::timestamptz, $3
     FROM generate_series(1, $1::int) AS n
     JOIN payments ON out_trade_no = 'many-' || (CASE WHEN n <= $2 THEN n ELSE 1 + (n - $2) % GREATEST(1, $2 / 5) END)`,
    [count, payments, at],
  )
  await shop.sql(
    `UPDATE payments SET reserved_refund_fen = held FROM (SELECT payment_id, sum(refund_fen) AS held FROM refunds GROUP BY payment_id) AS sums
     WHERE payments.id = payment_id`,
  )
  await shop.sql('ANALYZE orders, payments, refunds')
}

function contextOf(time: VirtualTime, wechat: CountingWechat): TaskContext {
  const gates = createWechatGates({ current: wechat.gate(), others: [], settingsOf: {} })
  const store = { ...shop.payments.store, clock: { now: time.now } }
  return {
    ...shop.tasks,
    payments: { ...shop.payments, store, wechat: gates },
    bills: shop.bills,
    queriesPerSecond: 10,
    databaseNow: () => sql<Date>`${time.now()}::timestamptz`,
    logger: pino({ level: 'silent' }),
    countJob: () => undefined,
  }
}

interface Crew {
  /** Takes what has come, as far as hands are free. @returns whether it took something */
  look(): Promise<boolean>
  failures: unknown[]
}

/** One worker's hands for one kind of turn. */
function openCrew(context: TaskContext, kind: TurnKind, time: VirtualTime): Crew {
  let busy = 0
  let nextLookMs = 0
  const failures: unknown[] = []
  return {
    failures,
    async look() {
      // As a worker does: at once when all hands were full and one is free, else by and by.
      if (busy === kind.hands || time.nowMs < nextLookMs) return false
      const tasks = await kind.claim(context, kind.hands - busy)
      if (busy + tasks.length < kind.hands) nextLookMs = time.nowMs + kind.everyMs
      for (const task of tasks) {
        busy += 1
        void time.run(async () => {
          try {
            await task()
          } catch (error) {
            failures.push(error)
          } finally {
            busy -= 1
          }
        })
      }
      return tasks.length > 0
    },
  }
}

async function workUntilOver(time: VirtualTime, crews: readonly Crew[]): Promise<void> {
  for (let tick = 0; ; tick += 1) {
    await Promise.all(crews.map((crew) => crew.look()))
    await time.quiet()
    for (const { failures } of crews) if (failures.length > 0) throw failures[0]
    if (tick % 200 === 0 && (await isOver())) return
    time.advance(time.nowMs + tickMs)
  }
}

async function isOver(): Promise<boolean> {
  const left = await shop.sql(`SELECT FROM refunds WHERE status IN ('submitting', 'processing') LIMIT 1`)
  return left.length === 0
}

/** mulberry32. */
function seeded(from: number): () => number {
  let state = from >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
