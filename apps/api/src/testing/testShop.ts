import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import { pino } from 'pino'
import { vi } from 'vitest'
import { toFen } from 'wxpay-core/money'
import type { PaymentNotice, RefundNotice } from 'wxpay-core/protocol'
import type { Answered, NoticeOutcome, RequestedRefund, RequestRefundInput } from '../commands/commands.ts'
import type { BillAlarms, BillContext } from '../commands/billContext.ts'
import type { MoneyPolicy, PaymentContext } from '../commands/context.ts'
import { openCheckout, type OpenCheckoutContext } from '../commands/openCheckout.ts'
import { recordNotice } from '../commands/recordNotice.ts'
import { requestRefund } from '../commands/requestRefund.ts'
import { startPayment } from '../commands/startPayment.ts'
import { createWechatGates, type WechatGates } from '../commands/steps/wechatGates.ts'
import { byCode, type Means, type PayerId } from '../domain/means.ts'
import type { Checkout } from '../domain/order.ts'
import type { Payment } from '../domain/payment.ts'
import type { Refund } from '../domain/refund.ts'
import type { TaskContext } from '../jobs/tasks/taskContext.ts'
import { turnKinds, type TurnKind } from '../jobs/turns.ts'
import { tasks } from '../jobs/worker.ts'
import { presentCheckout } from '../presenters/presentCheckout.ts'
import { findCheckout } from '../storage/checkouts.ts'
import { openBillStore } from '../storage/billStore.ts'
import { openDatabase } from '../storage/database.ts'
import { createEnqueue } from '../storage/jobQueue.ts'
import type { Duty } from '../storage/paymentDuties.ts'
import { findPayment } from '../storage/payments.ts'
import { findRefund, findRefundsOf } from '../storage/refunds.ts'
import { claimKey, tieKey } from '../storage/idempotencyKeys.ts'
import type { IdempotentRequest } from '../storage/savedAnswer.ts'
import type { JobData, QueueName } from '../storage/queues.ts'
import { FakeWechat } from './fakeWechat.ts'
import { FailingPlugin, InterleavingPlugin, openLock } from './databaseFaults.ts'
import { otherProtocol, usualProtocol } from './protocols.ts'
import { createTestDatabase } from './testDatabase.ts'

/** Time that a test moves. */
export class TestClock {
  #now = Date.parse('2026-03-01T02:15:00Z')

  now(): Date {
    return new Date(this.#now)
  }

  advance(ms: number): void {
    this.#now += ms
  }

  /** Never back. */
  reach(time: Date): void {
    this.#now = Math.max(this.#now, time.getTime())
  }
}

export interface TestShopOptions {
  policy?: Partial<MoneyPolicy>
  limits?: OpenCheckoutContext['limits']
}

/** Duplicates are sent back where a test asks for it: most are about the flag. */
const usualPolicy: MoneyPolicy = { paidBy: 'notice', latePayment: 'flag', refundDuplicates: false }

/** As long as a busy machine may need; a hang takes for ever. */
const patience = { timeout: 20_000, interval: 10 }

/** Commands and jobs over a real PostgreSQL and a WeChat that the test directs. */
export async function openTestShop({ policy, limits }: TestShopOptions = {}) {
  const testDatabase = await createTestDatabase()
  const db = openDatabase({ config: testDatabase.config, max: 40, name: 'test', onConnectionLost: () => undefined })
  const bossPool = new pg.Pool({ ...testDatabase.config, max: 4 })
  bossPool.on('error', () => undefined)
  const boss = new PgBoss({ db: { executeSql: (text, values) => bossPool.query(text, values) }, supervise: false, schedule: false })
  await boss.start()
  const wechat = new FakeWechat()
  const otherWechat = new FakeWechat(otherProtocol)
  const keysMissing: string[] = []
  const clock = new TestClock()
  const anomalies: string[] = []
  const enqueue = createEnqueue(boss)
  const payments: PaymentContext = {
    store: {
      db,
      // The queue goes by the test's clock, also for jobs that are to run at once.
      enqueue: (tx, jobs) =>
        enqueue(
          tx,
          jobs.map((job) => ({ ...job, startAfter: job.startAfter ?? clock.now() })),
        ),
      clock,
      onChanged: () => undefined,
    },
    mchId: '1900006042',
    wechat: gates([wechat]),
    policy: { ...usualPolicy, ...policy },
    refundNotifyUrl: (protocol) => `https://shop.example/notices/${protocol}/refunds`,
    life: { qrMs: 300_000, tradeMs: 900_000, orderMs: 1_800_000 },
    publicUrl: 'https://shop.example',
    alarms: {
      anomaly: (kind) => anomalies.push(kind),
      books: (problem) => anomalies.push(problem),
      wechatCall: () => undefined,
      keysMissing: ({ message }) => keysMissing.push(message),
    },
  }
  const context: OpenCheckoutContext = {
    payments,
    facts: { notifyUrl: (protocol) => `https://shop.example/notices/${protocol}`, serverAddress: '127.0.0.1' },
    limits: limits ?? { createPerMinute: 1_000, openOrdersPerAddress: 1_000 },
    present: presentCheckout,
  }
  async function takeJob(name: string): Promise<void> {
    const { rows } = await bossPool.query<QueuedJob>(
      `DELETE FROM pgboss.job WHERE id = (
         SELECT id FROM pgboss.job WHERE name = $1 AND state < 'active' ORDER BY start_after LIMIT 1
       ) RETURNING name, data`,
      [name],
    )
    if (rows[0]) await runJob(tasksContext, rows[0])
  }

  /** One that fails is repeated after a minute, as the queue does. */
  async function takeDueJob(name: string): Promise<void> {
    const { rows } = await bossPool.query<QueuedJob & { id: string }>(
      `SELECT id, name, data FROM pgboss.job WHERE name = $1 AND state < 'active' ORDER BY start_after LIMIT 1`,
      [name],
    )
    const [job] = rows
    if (!job) return
    try {
      await runJob(tasksContext, job)
      await bossPool.query('DELETE FROM pgboss.job WHERE id = $1', [job.id])
    } catch {
      await bossPool.query('UPDATE pgboss.job SET start_after = $2, retry_count = retry_count + 1 WHERE id = $1', [
        job.id,
        new Date(clock.now().getTime() + 60_000),
      ])
    }
  }

  const billStore = openBillStore({ config: testDatabase.config, max: 8, onConnectionLost: () => undefined })
  const billAlarms: string[] = []
  const bills: BillContext = {
    store: billStore,
    clock,
    mchId: payments.mchId,
    get wechat() {
      return payments.wechat
    },
    alarms: alarmsInto(billAlarms),
  }
  const tasksContext: TaskContext = {
    payments,
    bills,
    queriesPerSecond: 1_000,
    showLedger: () => undefined,
    databaseNow: () => sql<Date>`${clock.now()}::timestamptz`,
    logger: pino({ level: 'silent' }),
    countJob: () => undefined,
  }

  return {
    db,
    boss,
    wechat,
    /** By the other protocol, for after a `speak`. */
    otherWechat,
    /** The alarms about keys that are gone. */
    keysMissing,
    clock,
    context,
    payments,
    tasks: tasksContext,
    bills,
    /** What an operator hears of bills. */
    billAlarms,
    anomalies,
    databaseConfig: testDatabase.config,
    /** For tests that share a shop: no payment is open, no job waits, WeChat is well, nothing was alarmed, and the policy is this. */
    async reset(changed: Partial<MoneyPolicy> = {}): Promise<void> {
      await bossPool.query("UPDATE payments SET status = 'refused' WHERE status IN ('preparing', 'pending', 'closing')")
      await bossPool.query('UPDATE orders SET ends_at = NULL')
      await bossPool.query(`UPDATE refunds SET next_submit_at = NULL, next_query_at = NULL`)
      await bossPool.query(`DELETE FROM call_budgets WHERE name LIKE 'wechat-refund%'`)
      await bossPool.query('DELETE FROM pgboss.job')
      wechat.reset()
      otherWechat.reset()
      anomalies.length = 0
      keysMissing.length = 0
      payments.wechat = gates([wechat])
      payments.policy = { ...usualPolicy, ...changed }
    },
    /** From now on the keys are those of these, and new payments are made with the first. */
    speak(...speaking: [FakeWechat, ...FakeWechat[]]): void {
      payments.wechat = gates(speaking)
    },
    /** An order whose code is shown. */
    async shown(amountFen = 100): Promise<{ token: string; orderId: string; outTradeNo: string }> {
      const { answer } = await this.open(randomUUID(), amountFen)
      const { token } = answer.view
      const { outTradeNo, orderId } = await this.last(token)
      return { token, orderId, outTradeNo }
    },
    refresh: (token: string, key?: string, means: Means = byCode): Promise<Answered> => startPayment(context, attemptOf(token, key, means)),
    notice: (notice: PaymentNotice | RefundNotice): Promise<NoticeOutcome> => recordNotice(payments, notice),
    /** An order that is paid. */
    async paid(amountFen = 100): Promise<{ token: string; orderId: string; outTradeNo: string }> {
      const shown = await this.shown(amountFen)
      await this.notice(wechat.pay(shown.outTradeNo))
      return shown
    },
    /** What the shop asks for, under a key of its own. */
    refund: (outTradeNo: string, amountFen: number, key: string = randomUUID()): Promise<RequestedRefund> =>
      requestRefund(payments, refundOf(outTradeNo, amountFen, key)),
    async readRefund(outRefundNo: string): Promise<Refund> {
      const refund = await findRefund(db, outRefundNo)
      if (!refund) throw new Error('no such refund')
      return refund
    },
    async refundsOf(outTradeNo: string): Promise<Refund[]> {
      return findRefundsOf(db, [(await this.payment(outTradeNo)).id])
    },
    /** When the next turn of a refund comes; null when it waits for none. */
    async nextRefundTurn(outRefundNo: string): Promise<Date | null> {
      const { rows } = await bossPool.query<{ at: Date }>(`SELECT at FROM (${refundTurns}) AS turns WHERE out_refund_no = $1`, [
        outRefundNo,
      ])
      return rows[0]?.at ?? null
    },
    async reserved(outTradeNo: string): Promise<number> {
      return (await this.payment(outTradeNo)).reservedRefundFen
    },
    async sql(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
      return (await bossPool.query<Record<string, unknown>>(text, values)).rows
    },
    /** Another payment of the same order, behind the back of every rule above the database. */
    copyPayment: (outTradeNo: string, status: string, as = `C${outTradeNo}`) =>
      bossPool.query(
        `INSERT INTO payments (order_id, out_trade_no, protocol, trade_type, total_fen, request, status, created_at, expires_at)
         SELECT order_id, $3, protocol, trade_type, total_fen, request, $2, created_at, expires_at FROM payments WHERE out_trade_no = $1`,
        [outTradeNo, status, as],
      ),
    /** A notice whose transaction breaks at the first statement that contains this text: before it is sent, or when it has been done. */
    noticeFailingAt(text: string, notice: PaymentNotice | RefundNotice, moment: 'before' | 'after' = 'before'): Promise<NoticeOutcome> {
      const plugin =
        moment === 'before'
          ? new FailingPlugin(text)
          : new InterleavingPlugin(text, () => Promise.reject(new Error('the database is gone')))
      return recordNotice({ ...payments, store: { ...payments.store, db: db.withPlugin(plugin) } }, notice)
    },
    /** The context of a caller between whose statements something else happens, after the first that contains this text. */
    interleaving(text: string, meanwhile: () => Promise<void>): PaymentContext {
      return { ...payments, store: { ...payments.store, db: db.withPlugin(new InterleavingPlugin(text, meanwhile)) } }
    },
    /** Holds the order's lock while `meanwhile` runs. */
    async holdingOrder(outTradeNo: string, meanwhile: (release: () => void) => Promise<void>): Promise<void> {
      const lock = await openLock(testDatabase.config, outTradeNo)
      try {
        await meanwhile(lock.release)
      } finally {
        await lock.close()
      }
    },
    /** Until so many transactions wait for a lock. */
    async waitUntilBlocked(count: number): Promise<void> {
      await vi.waitUntil(async () => {
        const { rows } = await bossPool.query<{ count: string }>(
          `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        )
        return Number(rows[0]?.count) >= count
      }, patience)
    },
    /** Until an order of this payer (by printed code) has such an event. */
    async waitUntilEvent(type: string, openId: string): Promise<void> {
      await vi.waitUntil(async () => {
        const { rowCount } = await bossPool.query(
          'SELECT FROM events JOIN orders ON orders.id = order_id WHERE type = $1 AND client_address = $2',
          [type, `openid ${openId}`],
        )
        return rowCount !== 0
      }, patience)
    },
    /** While `meanwhile` runs nobody finds the payment by its number. */
    async hiding(outTradeNo: string, meanwhile: () => Promise<void>): Promise<void> {
      const rename = (from: string, to: string) =>
        bossPool.query('UPDATE payments SET out_trade_no = $2 WHERE out_trade_no = $1', [from, to])
      await rename(outTradeNo, `H${outTradeNo}`)
      await meanwhile()
      await rename(`H${outTradeNo}`, outTradeNo)
    },
    tasksNow: (name: 'forget-old-keys' | 'plan-bills' | 'check-ledger') => runJob(tasksContext, { name, data: {} }),
    /** What waits for its time, by the first of each kind. */
    async workAhead(): Promise<{ name: string; at: Date }[]> {
      const { rows } = await bossPool.query<{ name: string; at: Date }>(
        `SELECT name, min(at) AS at FROM (${allWork}) AS work WHERE at IS NOT NULL GROUP BY name`,
      )
      return rows
    },
    /** Carries out the turns of a kind, or the job of a queue, that have come. What somebody else has done meanwhile is not there any more. */
    async takeDue(name: string): Promise<void> {
      const kind = turnKinds.find((one) => one.name === name)
      if (!kind) return takeDueJob(name)
      for (const task of await kind.claim(tasksContext, 50)) await task()
    },
    present: (checkout: Checkout, viewer?: PayerId) => presentCheckout(checkout, clock.now(), viewer),
    async onlyOpenPayment(): Promise<{ outTradeNo: string }> {
      const { out_trade_no: outTradeNo } = await db
        .selectFrom('payments')
        .select('out_trade_no')
        .where('status', 'in', ['preparing', 'pending', 'closing'])
        .executeTakeFirstOrThrow()
      return { outTradeNo }
    },
    /** A key that a process took with what it made, and died. */
    async abandonKey(request: IdempotentRequest, made: { orderId: string; paymentId: string }): Promise<void> {
      await db.transaction().execute(async (tx) => {
        await claimKey(tx, request, { now: clock.now(), leaseMs: 40_000 })
        await tieKey(tx, request, made)
      })
    },
    keyIsBusy: async (request: IdempotentRequest): Promise<boolean> =>
      db.transaction().execute(async (tx) => (await claimKey(tx, request, { now: clock.now(), leaseMs: 40_000 })).state === 'busy'),
    async payment(outTradeNo: string): Promise<Payment> {
      const payment = await findPayment(db, outTradeNo)
      if (!payment) throw new Error('no such payment')
      return payment
    },
    /** Carries out the turns and the queued jobs for that long, each at its time, as one worker with nothing else to do. @returns what was done */
    async work(ms: number): Promise<string[]> {
      const end = new Date(clock.now().getTime() + ms)
      const done: string[] = []
      for (;;) {
        const { rows } = await bossPool.query<{ name: string; at: Date }>(nextWork, [end])
        const [next] = rows
        if (!next) break
        clock.reach(next.at)
        const kind = turnKinds.find(({ name }) => name === next.name)
        await (kind ? takeTurn(tasksContext, kind) : takeJob(next.name))
        done.push(next.name)
      }
      clock.reach(end)
      return done
    },
    /** A checkout whose transaction breaks at the first statement that contains this text. */
    openFailingAt(text: string): Promise<Answered> {
      const failing = { ...payments, store: { ...payments.store, db: db.withPlugin(new FailingPlugin(text)) } }
      return this.open(randomUUID(), 100, { ...context, payments: failing })
    },
    open: (key: string = randomUUID(), amountFen = 100, opening = context, means: Means = byCode): Promise<Answered> =>
      openCheckout(opening, {
        amountFen: toFen(amountFen),
        description: '青禾书店',
        means,
        clientAddress: '203.0.113.7',
        request: { scope: 'POST /v1/checkouts', key, fingerprint: `amount ${amountFen} ${JSON.stringify(means)}` },
      }),
    async read(token: string): Promise<Checkout> {
      const checkout = await findCheckout(db, { token })
      if (!checkout) throw new Error('no such checkout')
      return checkout
    },
    async last(token: string): Promise<Payment> {
      const payment = (await this.read(token)).payments.at(-1)
      if (!payment) throw new Error('no payment')
      return payment
    },
    /** When the next turn of a duty comes; null when the payment waits for none. */
    async nextTurn(outTradeNo: string, duty: Duty): Promise<Date | null> {
      const { rows } = await bossPool.query<{ at: Date }>(`SELECT at FROM (${turns}) AS turns WHERE out_trade_no = $1 AND name = $2`, [
        outTradeNo,
        `${duty}-payment`,
      ])
      return rows[0]?.at ?? null
    },
    /** How many jobs of a queue wait for their time. */
    async queued(name: QueueName, outTradeNo: string): Promise<number> {
      const { rows } = await bossPool.query<{ count: string }>(
        `SELECT count(*) FROM pgboss.job WHERE name = $1 AND state < 'active' AND data->>'outTradeNo' = $2`,
        [name, outTradeNo],
      )
      return Number(rows[0]?.count)
    },
    async eventTypes(token: string): Promise<string[]> {
      const { order } = await this.read(token)
      const rows = await db.selectFrom('events').select('type').where('order_id', '=', order.id).orderBy('id').execute()
      return rows.map(({ type }) => type)
    },
    async close(): Promise<void> {
      await boss.stop({ graceful: false })
      await bossPool.end()
      await db.destroy()
      await billStore.close()
      await testDatabase.drop()
    },
  }
}

function gates([current, ...others]: [FakeWechat, ...FakeWechat[]]): WechatGates {
  return createWechatGates({ current, others, settingsOf: { [usualProtocol]: 'USUAL_KEY', [otherProtocol]: 'OTHER_KEY' } })
}

/** Written a second time, so that a payment that the claims overlook is missed. */
const settled = `confirming_since IS NULL AND NOT 'amount-mismatch' = ANY (anomalies)`
const turns = `
  SELECT 'prepare-payment' AS name, out_trade_no, next_prepare_at AS at FROM payments WHERE status = 'preparing' AND ${settled}
  UNION ALL SELECT 'query-payment', out_trade_no, next_query_at FROM payments WHERE status = 'pending' AND ${settled}
  UNION ALL SELECT 'close-payment', out_trade_no, next_close_at FROM payments WHERE status IN ('preparing', 'pending', 'closing') AND ${settled}`
const refundTurns = `
  SELECT 'submit-refund' AS name, out_refund_no, next_submit_at AS at FROM refunds WHERE status = 'submitting'
  UNION ALL SELECT 'query-refund', out_refund_no, next_query_at FROM refunds WHERE status IN ('processing', 'needs-attention')`
const billTurns = `
  SELECT 'fetch-bill' AS name, next_try_at AS at FROM bills WHERE state = 'due'
  UNION ALL SELECT 'reconcile-bill', next_try_at FROM bills WHERE state = 'stored'
  UNION ALL SELECT 'judge-discrepancy', next_judge_at FROM discrepancies WHERE state = 'open'`
const allWork = `
  SELECT name, at FROM (${turns}) AS turns
  UNION ALL SELECT name, at FROM (${refundTurns}) AS refund_turns
  UNION ALL SELECT name, at FROM (${billTurns}) AS bill_turns
  UNION ALL SELECT 'expire-order', ends_at FROM orders WHERE status = 'unpaid'
  UNION ALL SELECT name, start_after FROM pgboss.job WHERE state < 'active'`
const nextWork = `SELECT name, at FROM (${allWork}) AS work WHERE at <= $1 ORDER BY at, name LIMIT 1`

async function takeTurn(context: TaskContext, kind: TurnKind): Promise<void> {
  const [task] = await kind.claim(context, 1)
  if (!task) throw new Error(`no turn of ${kind.name} can be claimed`)
  await task()
}

type QueuedJob = { [Name in QueueName]: { name: Name; data: JobData[Name] } }[QueueName]

async function runJob<Name extends QueueName>(context: TaskContext, { name, data }: { name: Name; data: JobData[Name] }): Promise<void> {
  await tasks[name](context, data)
}

function alarmsInto(told: string[]): BillAlarms {
  return {
    setAside: ({ kind, billDate }, { code }) => told.push(`${kind} ${billDate} set aside: ${code}`),
    missing: ({ kind, billDate }, { code }) => told.push(`${kind} ${billDate} missing: ${code}`),
    differs: ({ kind, billDate }, opened) => told.push(`${kind} ${billDate} differs: ${Object.keys(opened).toSorted().join(', ')}`),
    bill: () => undefined,
  }
}

export type TestShop = Awaited<ReturnType<typeof openTestShop>>

/** A request for another attempt, under a key of its own. */
function attemptOf(token: string, key: string = randomUUID(), means: Means = byCode) {
  return { token, means, request: { scope: `POST /v1/checkouts/${token}/payments`, key, fingerprint: JSON.stringify(means) } }
}

export function refundOf(outTradeNo: string, amountFen: number, key: string, reason?: string): RequestRefundInput {
  const fingerprint = `${outTradeNo} ${amountFen} ${reason ?? ''}`
  const request = { scope: 'POST /v1/payments/:outTradeNo/refunds', key, fingerprint }
  return { outTradeNo, amountFen: toFen(amountFen), reason, request, source: 'operator' }
}
