import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import { pino } from 'pino'
import { toFen } from 'wxpay-core/money'
import type { Answered } from '../commands/commands.ts'
import type { MoneyPolicy, PaymentContext } from '../commands/context.ts'
import { openCheckout, type OpenCheckoutContext } from '../commands/openCheckout.ts'
import type { Checkout } from '../domain/order.ts'
import type { Payment } from '../domain/payment.ts'
import type { TaskContext } from '../jobs/tasks/taskContext.ts'
import { presentCheckout } from '../presenters/presentCheckout.ts'
import { findCheckout } from '../storage/checkouts.ts'
import { openDatabase } from '../storage/database.ts'
import { createEnqueue } from '../storage/jobQueue.ts'
import { FakeWechat } from './fakeWechat.ts'
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
}

export interface TestShopOptions {
  policy?: Partial<MoneyPolicy>
  limits?: OpenCheckoutContext['limits']
}

/** Commands and jobs over a real PostgreSQL and a WeChat that the test directs. */
export async function openTestShop({ policy, limits }: TestShopOptions = {}) {
  const testDatabase = await createTestDatabase()
  const db = openDatabase({ config: testDatabase.config, max: 40, name: 'test', onConnectionLost: () => undefined })
  const bossPool = new pg.Pool({ ...testDatabase.config, max: 4 })
  bossPool.on('error', () => undefined)
  const boss = new PgBoss({ db: { executeSql: (text, values) => bossPool.query(text, values) }, supervise: false, schedule: false })
  await boss.start()
  const wechat = new FakeWechat()
  const clock = new TestClock()
  const anomalies: string[] = []
  const payments: PaymentContext = {
    store: { db, enqueue: createEnqueue(boss), clock, onChanged: () => undefined },
    wechat,
    policy: { paidBy: 'notice', latePayment: 'flag', ...policy },
    life: { qrMs: 300_000, tradeMs: 900_000, orderMs: 1_800_000 },
    alarms: { anomaly: (kind) => anomalies.push(kind), wechatCall: () => undefined },
  }
  const context: OpenCheckoutContext = {
    payments,
    facts: { notifyUrl: 'https://shop.example/notices/v2/payments', serverAddress: '127.0.0.1' },
    limits: limits ?? { createPerMinute: 1_000, openOrdersPerAddress: 1_000 },
    present: presentCheckout,
  }
  const tasks: TaskContext = { payments, queriesPerSecond: 1_000, logger: pino({ level: 'silent' }) }

  return {
    db,
    boss,
    wechat,
    clock,
    context,
    payments,
    tasks,
    anomalies,
    open: (key: string = randomUUID(), amountFen = 100): Promise<Answered> =>
      openCheckout(context, {
        amountFen: toFen(amountFen),
        description: '青禾书店',
        tradeType: 'native',
        clientAddress: '203.0.113.7',
        request: { scope: 'POST /v1/checkouts', key, fingerprint: `amount ${amountFen}` },
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
    /** How many jobs of a queue wait for their time. */
    async queued(name: string, outTradeNo?: string): Promise<number> {
      const { rows } = await bossPool.query<{ count: string }>(
        `SELECT count(*) FROM pgboss.job WHERE name = $1 AND state < 'active' AND ($2::text IS NULL OR data->>'outTradeNo' = $2)`,
        [name, outTradeNo ?? null],
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
      await testDatabase.drop()
    },
  }
}

export type TestShop = Awaited<ReturnType<typeof openTestShop>>

/** A request for another attempt, under a key of its own. */
export function attemptOf(token: string, key: string = randomUUID()) {
  return { token, tradeType: 'native' as const, request: { scope: `POST /v1/checkouts/${token}/payments`, key, fingerprint: 'native' } }
}
