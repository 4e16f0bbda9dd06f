import { sql } from 'kysely'
import type pg from 'pg'
import { PgBoss } from 'pg-boss'
import { createWechatPayV2 } from 'wxpay-core/protocol'
import { cancelOrder } from './commands/cancelOrder.ts'
import type { Commands } from './commands/commands.ts'
import type { PaymentContext } from './commands/context.ts'
import { extendPayment } from './commands/extendPayment.ts'
import { openCheckout, type OpenCheckoutContext } from './commands/openCheckout.ts'
import { recordNotice } from './commands/recordNotice.ts'
import { startPayment } from './commands/startPayment.ts'
import type { Config } from './config.ts'
import { CheckoutNotFoundError } from './domain/errors.ts'
import { startWatchFlusher } from './jobs/watchFlusher.ts'
import { startWorker } from './jobs/worker.ts'
import { presentCheckout } from './presenters/presentCheckout.ts'
import { createListener } from './status/listener.ts'
import { createStatusHub } from './status/statusHub.ts'
import { findCheckout } from './storage/checkouts.ts'
import { openDatabase, type Database } from './storage/database.ts'
import { startEmbeddedPostgres } from './storage/embedded/start.ts'
import { createEnqueue } from './storage/jobQueue.ts'
import { migrateToLatest } from './storage/migrate.ts'
import { openPool } from './storage/pool.ts'
import { systemClock } from './support/clock.ts'
import type { Logger } from './support/logger.ts'
import { createMetrics } from './support/metrics.ts'
import { createApp, maxStatusWaiters } from './web/app.ts'
import { paymentNoticePath } from './web/routes/notices.ts'
import { startServer } from './web/server.ts'

/** Connections of each kind. Notices have their own, so that nothing else can make them wait (rule R25). */
const connections = { shared: 12, notices: 6, jobs: 4 }

/** Calls to WeChat's query per second for one merchant, all processes together (rule R16). */
const queriesPerSecond = 10

export interface Process {
  url: string
  /** Stops in the order of rule R26. */
  stop(): Promise<void>
}

/** The whole service in this process: web and worker. Everything is constructed here and passed on. */
export async function startProcess(config: Config, logger: Logger): Promise<Process> {
  const base = await openBase(config, logger)
  const { db, boss, metrics, postgres, onConnectionLost } = base
  const noticeDb = openDatabase({ config: postgres.config, max: connections.notices, name: 'wxpay notices', onConnectionLost })
  const hub = createStatusHub({
    readCheckout: (token) => readCheckout(db, token),
    subscribe: (handlers) => createListener({ config: postgres.config, logger, ...handlers }),
    clock: systemClock,
    maxWaiters: maxStatusWaiters,
  })
  metrics.watchWaiters(hub.waiterCount)
  const payments = paymentContext(config, base, { logger, onChanged: hub.invalidate })
  const commands = bindCommands(config, payments, { ...payments, store: { ...payments.store, db: noticeDb } })
  const ready = async () => ({ database: await answers(db), listener: hub.isListening() })
  const app = createApp({ config, commands, hub, wechat: base.wechat, clock: systemClock, metrics, logger, ready })
  await startWorker(boss, { payments, queriesPerSecond, logger })
  const flusher = startWatchFlusher(payments.store, { watchedTokens: hub.watchedTokens, logger })
  const server = await startServer({ app, host: config.host, port: config.port, releaseHeld: hub.close })
  return {
    url: server.url,
    async stop() {
      await server.stop()
      await flusher.stop()
      await noticeDb.destroy()
      await base.close()
    },
  }
}

/** What the commands of the shell need of it: the payments, without web and worker. */
export async function openTools(config: Config, logger: Logger): Promise<{ payments: PaymentContext; close(): Promise<void> }> {
  const base = await openBase(config, logger)
  return { payments: paymentContext(config, base, { logger, onChanged: () => undefined }), close: base.close }
}

/** @param noticing - the same payments over the connections that are kept for notices */
function bindCommands(config: Config, payments: PaymentContext, noticing: PaymentContext): Commands {
  const opening: OpenCheckoutContext = {
    payments,
    facts: { notifyUrl: config.publicUrl + paymentNoticePath, serverAddress: '127.0.0.1' },
    limits: config.limits,
    present: presentCheckout,
  }
  return {
    openCheckout: (input) => openCheckout(opening, input),
    startPayment: (input) => startPayment(opening, input),
    extendPayment: (input) => extendPayment(payments, input),
    cancelOrder: (input) => cancelOrder(payments, input),
    recordNotice: (notice) => recordNotice(noticing, notice),
    findCheckout: (token) => readCheckout(payments.store.db, token),
  }
}

type Base = Awaited<ReturnType<typeof openBase>>

async function openBase(config: Config, logger: Logger) {
  const postgres = await openPostgres(config, logger)
  await migrateToLatest(postgres.config)
  const onConnectionLost = (error: Error) => logger.warn({ err: error }, 'a database connection was lost')
  const db = openDatabase({ config: postgres.config, max: connections.shared, name: 'wxpay', onConnectionLost })
  const boss = await openQueue(postgres.config, logger)
  const wechat = openWechat(config)
  return {
    postgres,
    db,
    boss,
    wechat,
    metrics: createMetrics(),
    onConnectionLost,
    async close(): Promise<void> {
      // Jobs under way finish: three calls to WeChat at most.
      await boss.stop({ graceful: true, timeout: 30_000 })
      await wechat.destroy()
      await db.destroy()
      await postgres.stop()
    },
  }
}

function paymentContext(
  config: Config,
  { db, boss, wechat, metrics }: Base,
  { logger, onChanged }: { logger: Logger; onChanged: (token: string) => void },
): PaymentContext {
  return {
    store: { db, enqueue: createEnqueue(boss), clock: systemClock, onChanged },
    wechat,
    policy: { paidBy: config.paidBy, latePayment: config.latePayment },
    life: config.life,
    alarms: {
      anomaly(kind, about) {
        metrics.anomaly(kind)
        logger.error({ kind, ...about }, 'a payment needs to be looked at')
      },
      wechatCall({ error, ...made }) {
        metrics.wechatCall(made)
        // A wrong key looks just like this, call after call: the cause tells WeChat's own words.
        if (error) logger.warn({ call: made.call, outcome: made.outcome, err: error }, 'WeChat gave no answer that helps')
      },
    },
  }
}

async function openPostgres(config: Config, logger: Logger): Promise<{ config: pg.PoolConfig; stop(): Promise<void> }> {
  if (config.databaseUrl === null) return startEmbeddedPostgres({ dataDir: config.dataDir, logger })
  return { config: { connectionString: config.databaseUrl }, stop: () => Promise.resolve() }
}

async function openQueue(postgres: pg.PoolConfig, logger: Logger): Promise<PgBoss> {
  const pool = openPool({ ...postgres, max: connections.jobs, application_name: 'wxpay jobs' }, (error) =>
    logger.warn({ err: error }, 'a connection of the job queue was lost'),
  )
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    migrate: false,
    // A job whose process died is given to another soon after its time is over.
    superviseIntervalSeconds: 10,
    monitorIntervalSeconds: 10,
  })
  boss.on('error', (error) => logger.warn({ err: error }, 'the job queue'))
  boss.on('stopped', () => void pool.end())
  await boss.start()
  return boss
}

function openWechat({ wechat }: Config) {
  return createWechatPayV2({
    appId: wechat.appId,
    mchId: wechat.mchId,
    key: wechat.v2Key,
    signType: wechat.v2SignType,
    apiUrl: wechat.apiUrl,
    ...(wechat.apiBackupUrl && { apiBackupUrl: wechat.apiBackupUrl }),
  })
}

async function readCheckout(db: Database, token: string) {
  const checkout = await findCheckout(db, { token })
  if (!checkout) throw new CheckoutNotFoundError('no checkout has this token')
  return checkout
}

async function answers(db: Database): Promise<boolean> {
  try {
    await sql`SELECT 1`.execute(db)
    return true
  } catch {
    return false
  }
}
