import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { toFen } from 'wxpay-core/money'
import { cancelOrder } from '../commands/cancelOrder.ts'
import { claimOrderEnds } from '../storage/orders.ts'
import { claimTurns, duties } from '../storage/paymentDuties.ts'
import { openTestShop, type TestShop } from '../testing/testShop.ts'
import { closeExpiredPayment } from './tasks/closeExpiredPayment.ts'
import { preparePayment } from './tasks/preparePayment.ts'
import { startTurns, turnKinds } from './turns.ts'

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(() => shop.reset())
afterAll(() => shop.close())

const minute = 60_000
const patience = { timeout: 20_000, interval: 20 }
const claimAll = () => Promise.all(turnKinds.map((kind) => kind.claim(shop.tasks, 100)))

describe('turns that a process took with it when it died', () => {
  it('R23 a create, a ladder of queries and a close go on', async () => {
    const shown = await shop.shown()
    const paid = await shop.shown()
    shop.wechat.pay(paid.outTradeNo)
    const cancelled = await shop.shown()
    shop.wechat.during.close = () => 'lose-before'
    await cancelOrder(shop.payments, { token: cancelled.token })
    shop.wechat.during.prepay = () => 'lose-before'
    const preparing = await shop.shown()
    shop.wechat.reset()
    shop.clock.advance(6 * minute)
    await claimAll()
    await shop.work(minute)
    expect(await shop.payment(shown.outTradeNo)).toMatchObject({ status: 'closed' })
    expect(await shop.payment(paid.outTradeNo)).toMatchObject({ status: 'pending', confirmingSince: expect.any(Date) })
    expect(await shop.payment(cancelled.outTradeNo)).toMatchObject({ status: 'closed' })
    expect((await shop.read(cancelled.token)).order.status).toBe('closed')
    expect(await shop.payment(preparing.outTradeNo)).toMatchObject({ status: 'pending', action: { tradeType: 'native' } })
  })

  it('R23 an order ends all the same', async () => {
    const { token } = await shop.shown()
    await shop.work(6 * minute)
    expect(await shop.last(token)).toMatchObject({ status: 'closed' })
    shop.clock.advance(30 * minute)
    await claimAll()
    await shop.work(0)
    expect((await shop.read(token)).order.status).toBe('unpaid')
    await shop.work(minute)
    expect((await shop.read(token)).order).toMatchObject({ status: 'closed', closedReason: 'expired' })
  })

  it('R23 are carried out by a process that starts', async () => {
    const { outTradeNo } = await shop.shown()
    shop.clock.advance(6 * minute)
    await claimAll()
    shop.clock.advance(minute)
    const turns = startTurns(shop.tasks)
    await expect.poll(async () => (await shop.payment(outTradeNo)).status, patience).toBe('closed')
    await turns.stop()
  })
})

describe('a turn that has come', () => {
  it('R16 is taken by one of five who look at once', async () => {
    await shop.shown()
    shop.clock.advance(5_000)
    const look = () => claimTurns(shop.db, 'query', { now: shop.clock.now(), leaseMs: 30_000, limit: 10 })
    const taken = await Promise.all(Array.from({ length: 5 }, look))
    expect(taken.flat()).toHaveLength(1)
  })

  it('R6 of a payment that is being changed at this moment is left for the next look', async () => {
    const { outTradeNo } = await shop.shown()
    shop.clock.advance(5_000)
    const look = () => claimTurns(shop.db, 'query', { now: shop.clock.now(), leaseMs: 30_000, limit: 10 })
    await shop.db.transaction().execute(async (tx) => {
      await tx.selectFrom('payments').select('id').where('out_trade_no', '=', outTradeNo).forNoKeyUpdate().execute()
      expect(await look()).toEqual([])
    })
    expect(await look()).toMatchObject([{ outTradeNo }])
  })

  it('R9 R17 is none for money that must be looked into', async () => {
    const wrong = await shop.shown()
    await shop.notice(shop.wechat.noticeOf(wrong.outTradeNo, { totalFen: toFen(99) }))
    const confirming = await shop.shown()
    shop.wechat.pay(confirming.outTradeNo)
    await shop.work(61_000)
    shop.clock.advance(60 * minute)
    expect((await claimAll()).flat()).toEqual([])
    expect((await shop.read(wrong.token)).order.status).toBe('unpaid')
    expect((await shop.read(confirming.token)).order.status).toBe('unpaid')
  })
})

describe('turns of one payment', () => {
  it('R14 of a close never multiply, however long WeChat is silent and however many come', async () => {
    const { outTradeNo } = await shop.shown()
    shop.wechat.during.query = () => 'lose-before'
    await shop.work(6 * minute)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closing' })
    await Promise.all(Array.from({ length: 5 }, () => closeExpiredPayment(shop.tasks, { outTradeNo })))
    const before = shop.wechat.callsAbout(outTradeNo).length
    await shop.work(60 * minute)
    expect(shop.wechat.callsAbout(outTradeNo).length - before).toBeLessThan(80)
  })

  it('R14 a close that failed when the time was over is tried again within seconds: the shopper waits for a new code', async () => {
    const { outTradeNo } = await shop.shown()
    shop.wechat.during.close = () => 'lose-before'
    await shop.work(5 * minute)
    expect(shop.wechat.callsOf('close')).toBe(1)
    shop.wechat.during.close = () => 'answer'
    await shop.work(5_000)
    expect(await shop.payment(outTradeNo)).toMatchObject({ status: 'closed' })
  })

  it('R14 a close is tried again with a backoff, not in a hurry', async () => {
    const { outTradeNo } = await shop.shown()
    await shop.work(299_000)
    shop.wechat.during.query = () => 'lose-before'
    shop.wechat.calls.length = 0
    await shop.work(60 * minute)
    const tries = shop.wechat.callsAbout(outTradeNo).length
    expect(tries).toBeGreaterThan(50)
    expect(tries).toBeLessThan(80)
  })

  it('R4 of a create never multiply', async () => {
    shop.wechat.during.prepay = () => 'lose-before'
    const { outTradeNo } = await shop.shown()
    shop.clock.advance(12_000)
    const before = shop.wechat.callsOf('prepay')
    await Promise.all(Array.from({ length: 5 }, () => preparePayment(shop.tasks, { outTradeNo })))
    expect(shop.wechat.callsOf('prepay')).toBe(before + 1)
  })
})

/** Last: every look after it would go through what it has stored and deleted, in tables that nothing vacuums here. */
describe('a turn among thousands', () => {
  it('is found without reading the payments that wait, and the orders that are stored', async () => {
    const { orderId } = await shop.shown()
    await shop.sql(
      `WITH stored AS (
         INSERT INTO orders (token, order_no, amount_fen, description, client_address, status, created_at, ends_at)
         SELECT gen_random_uuid(), 'S' || i, 100, 'stored', i, 'unpaid', $2::timestamptz, $2::timestamptz + interval '1 h'
         FROM generate_series(1, 3000) i RETURNING id, order_no
       )
       INSERT INTO payments (order_id, out_trade_no, protocol, trade_type, total_fen, request, status, action, created_at, expires_at, next_query_at, next_close_at)
       SELECT stored.id, stored.order_no || '-waiting', protocol, trade_type, 100, request, status, action, created_at, expires_at,
              $2::timestamptz + interval '1 h', $2::timestamptz + interval '1 h'
       FROM stored, payments WHERE payments.order_id = $1`,
      [orderId, shop.clock.now()],
    )
    await shop.sql('ANALYZE orders, payments')
    shop.clock.advance(6 * minute)
    const due = { now: shop.clock.now(), leaseMs: 30_000, limit: 24 }
    for (const duty of duties) expect(await rowsRead('payments', (tx) => claimTurns(tx, duty, due)), duty).toBeLessThanOrEqual(4)
    expect(await rowsRead('orders', (tx) => claimOrderEnds(tx, due))).toBeLessThanOrEqual(4)
  })
})

/** Rows of a table that a statement made the database read. */
async function rowsRead(table: string, run: (tx: Parameters<typeof claimTurns>[0]) => Promise<unknown>): Promise<number> {
  return shop.db.transaction().execute(async (tx) => {
    // What this connection has read and not yet reported, of earlier transactions too.
    const soFar = async () => {
      const { rows } = await sql<{ read: number }>`
        SELECT (seq_tup_read + idx_tup_fetch)::int AS read FROM pg_stat_xact_user_tables WHERE relname = ${table}`.execute(tx)
      return rows[0]?.read ?? 0
    }
    const before = await soFar()
    await run(tx)
    return (await soFar()) - before
  })
}
