import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { toFen } from 'wxpay-core/money'
import type { Checkout } from '../domain/order.ts'
import { changeChannel } from '../storage/changeOrder.ts'
import { createLogger } from '../support/logger.ts'
import { startDeafProxy } from '../testing/deafProxy.ts'
import { createTestDatabase, type TestDatabase } from '../testing/testDatabase.ts'
import { createListener } from './listener.ts'
import { createStatusHub } from './statusHub.ts'

let database: TestDatabase
let pool: pg.Pool

beforeAll(async () => {
  database = await createTestDatabase()
  pool = new pg.Pool(database.config)
  pool.on('error', () => undefined)
  await pool.query('CREATE TABLE seen (token text PRIMARY KEY, version int NOT NULL)')
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

const never = new AbortController().signal

async function readCheckout(token: string): Promise<Checkout> {
  const { rows } = await pool.query<{ version: number }>('SELECT version FROM seen WHERE token = $1', [token])
  const at = new Date('2026-03-01T04:00:00Z')
  const order = { id: '1', token, orderNo: 'O1', amountFen: toFen(1), description: 'x', status: 'unpaid', closedReason: null } as const
  return {
    order: { ...order, version: rows[0]?.version ?? 0, createdAt: at, paidAt: null, recordedAt: null, closedAt: null },
    payments: [],
  }
}

/** As a command does it: the change and its announcement are one transaction. */
async function change(token: string, { tell }: { tell: boolean }): Promise<void> {
  await pool.query('UPDATE seen SET version = version + 1 WHERE token = $1', [token])
  if (tell) await pool.query('SELECT pg_notify($1, $2)', [changeChannel, token])
}

const listeners = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'wxpay-checkout listener%' AND datname = current_database()"

interface HubOptions {
  config?: pg.PoolConfig
  recheckMs?: number
  healthCheckMs?: number
  heardWithinMs?: number
  retryMs?: number
}

async function startHub(options: HubOptions = {}) {
  const events: string[] = []
  const { config = database.config, recheckMs = 20, healthCheckMs = 20, heardWithinMs = 5000, retryMs = 20 } = options
  const hub = createStatusHub({
    readCheckout,
    subscribe: ({ onChange, onDown, onUp }) =>
      createListener({
        config,
        logger: createLogger({ level: 'silent' }),
        healthCheckMs,
        heardWithinMs,
        retryMs,
        onChange,
        onDown() {
          events.push('down')
          onDown()
        },
        onUp() {
          events.push('up')
          onUp()
        },
      }),
    clock: { now: () => new Date() },
    maxWaiters: 10,
    recheckMs,
  })
  onTestFinished(() => hub.close())
  await expect.poll(() => hub.isListening(), { timeout: 10_000 }).toBe(true)
  return { hub, events }
}

async function newOrder(): Promise<string> {
  const { rows } = await pool.query<{ token: string }>('INSERT INTO seen VALUES (gen_random_uuid()::text, 1) RETURNING token')
  return rows[0]?.token ?? ''
}

describe('the listening connection', () => {
  it('wakes the poll of an order when its change is committed', async () => {
    const { hub } = await startHub()
    const token = await newOrder()
    const answer = hub.waitForChange(token, 1, 60_000, never)
    await expect.poll(() => hub.waiterCount()).toBe(1)
    await change(token, { tell: true })
    expect((await answer).order.version).toBe(2)
  })

  it('R24 answers from the database while it is cut, and wakes everyone when it is back', async () => {
    // Rechecks are an hour apart, so only the reconnect can wake the poll.
    const { hub, events } = await startHub({ recheckMs: 3_600_000 })
    const [waiting, asked] = [await newOrder(), await newOrder()]
    await hub.current(asked)
    const answer = hub.waitForChange(waiting, 1, 60_000, never)
    await expect.poll(() => hub.waiterCount()).toBe(1)

    const cut = await pool.query(`SELECT pg_terminate_backend(pid) FROM (${listeners}) AS listening`)
    expect(cut.rowCount).toBe(2) // it, and the one that checks it
    await change(waiting, { tell: false })
    await change(asked, { tell: false })

    await expect.poll(() => events, { timeout: 10_000 }).toEqual(['up', 'down', 'up'])
    expect((await answer).order.version).toBe(2)
    expect((await hub.current(asked)).order.version).toBe(2)
  })

  it('R24 lets those who wait see a change while it stays cut', async () => {
    const { hub } = await startHub({ retryMs: 3_600_000 })
    const token = await newOrder()
    const answer = hub.waitForChange(token, 1, 60_000, never)
    await expect.poll(() => hub.waiterCount()).toBe(1)
    await pool.query(`SELECT pg_terminate_backend(pid) FROM (${listeners}) AS listening`)
    await expect.poll(() => hub.isListening()).toBe(false)
    await change(token, { tell: true })
    expect((await answer).order.version).toBe(2)
  })

  it('R24 counts as lost when what is told does not arrive, though statements are answered', async () => {
    const proxy = await startDeafProxy(database.config)
    // Rechecks are an hour apart: only a listener that knows that it is deaf can answer the poll.
    const { hub, events } = await startHub({ config: proxy.config, recheckMs: 3_600_000, heardWithinMs: 500 })
    const token = await newOrder()
    const answer = hub.waitForChange(token, 1, 60_000, never)
    await expect.poll(() => hub.waiterCount()).toBe(1)
    proxy.setDeaf(true)
    await change(token, { tell: true })
    await expect.poll(() => events, { timeout: 10_000 }).toContain('down')
    expect(hub.isListening()).toBe(false)
    expect((await hub.current(token)).order.version).toBe(2)
    proxy.setDeaf(false)
    expect((await answer).order.version).toBe(2)
  })

  it('connects again for as long as it takes', async () => {
    const events: string[] = []
    const config = { ...database.config, database: 'no_such_database' }
    const stop = createListener({
      config,
      logger: createLogger({ level: 'silent' }),
      retryMs: 1,
      onChange: () => undefined,
      onDown: () => events.push('down'),
      onUp: () => events.push('up'),
    })
    await expect.poll(() => events.length).toBeGreaterThan(2)
    await stop()
    expect(events).not.toContain('up')
  })

  it('is closed with the hub', async () => {
    const { hub } = await startHub()
    await hub.close()
    await expect.poll(async () => (await pool.query(listeners)).rowCount).toBe(0)
  })
})
