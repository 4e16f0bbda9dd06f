import type { PaymentContext } from './commands/context.ts'
import { createOperatorReads } from './commands/operatorReads.ts'
import { tellMissingKeys } from './commands/tellMissingKeys.ts'
import type { Config } from './config.ts'
import type { TaskContext } from './jobs/tasks/taskContext.ts'
import { startTurns } from './jobs/turns.ts'
import { startWatchFlusher } from './jobs/watchFlusher.ts'
import { startWorker } from './jobs/worker.ts'
import { createListener } from './status/listener.ts'
import { createStatusHub } from './status/statusHub.ts'
import { databaseNow } from './storage/callBudgets.ts'
import { readCheckout } from './storage/checkouts.ts'
import { answers, openDatabase, type Database } from './storage/database.ts'
import { countOpenDiscrepancies } from './storage/discrepancies.ts'
import { createEnqueue, openJobQueue } from './storage/jobQueue.ts'
import { migrateToLatest } from './storage/migrate.ts'
import { createAlarms } from './support/alarms.ts'
import { systemClock } from './support/clock.ts'
import type { Logger } from './support/logger.ts'
import { createMetrics } from './support/metrics.ts'
import { Stops } from './support/stops.ts'
import { createApp, maxStatusWaiters } from './web/app.ts'
import { startServer } from './web/server.ts'
import { bindAccounts } from './wiring/bindAccounts.ts'
import { billContext, bindBills } from './wiring/bindBills.ts'
import { bindCommands, bindOpening, policyOf } from './wiring/bindPayments.ts'
import { bindPrintedCodes } from './wiring/bindPrintedCodes.ts'
import { connections, openDatabases, openPostgres, tellOfLoss } from './wiring/openDatabases.ts'
import { openWechat, watchSkew } from './wiring/openWechat.ts'

/** Queries of WeChat on the ladder, per second, all processes of a merchant together (rule R16). */
const queriesPerSecond = 10

export interface Process {
  url: string
  /** Stops in the order of rule R26. */
  stop(): Promise<void>
}

/** The whole service in this process: web and worker. Everything is constructed here and in wiring/, and passed on. */
export async function startProcess(config: Config, logger: Logger): Promise<Process> {
  const stops = new Stops()
  try {
    return await startParts(config, logger, stops)
  } catch (error) {
    await stops.run()
    throw error
  }
}

/** From the database upwards: what is begun later is stopped sooner. */
async function startParts(config: Config, logger: Logger, stops: Stops): Promise<Process> {
  const postgres = await openPostgres(config, logger)
  stops.add(postgres.stop)
  await migrateToLatest(postgres.config)
  const { shared: db, notices: noticeDb, jobs: jobDb, bills: billStore } = openDatabases(postgres.config, { logger, stops })

  const metrics = createMetrics()
  const alarms = createAlarms({ logger, metrics })
  const wechat = openWechat(config, watchSkew(metrics, logger))
  stops.add(() => wechat.destroy())
  const queue = await openJobQueue({ config: postgres.config, max: connections.queue, works: true, onTrouble: tellOfLoss(logger) })
  const hub = createStatusHub({
    readCheckout: (token) => readCheckout(db, { token }),
    subscribe: (handlers) => createListener({ config: postgres.config, logger, ...handlers }),
    clock: systemClock,
    maxWaiters: maxStatusWaiters,
  })
  metrics.watchWaiters(hub.waiterCount)
  metrics.watchDiscrepancies(() => countOpenDiscrepancies(db))

  const paymentsOn = (over: Database): PaymentContext => ({
    store: { db: over, enqueue: createEnqueue(queue.boss), clock: systemClock, onChanged: hub.invalidate },
    wechat: wechat.gates,
    ...policyOf(config),
    alarms,
  })
  const payments = paymentsOn(db)
  await tellMissingKeys(payments)
  const { mchId } = payments
  const bills = billContext({ store: billStore, mchId, wechat: wechat.gates, logger, metrics })
  const opening = bindOpening(config, payments)

  const app = createApp({
    config,
    commands: bindCommands(opening, paymentsOn(noticeDb)),
    accounts: bindAccounts(config, { db, metrics, logger }),
    ...bindPrintedCodes(config, opening),
    reads: createOperatorReads(db),
    bills: bindBills(bills),
    hub,
    noticeGates: wechat.gates.all,
    clock: systemClock,
    metrics,
    logger,
    ready: async () => ({ database: await answers(db), notices: await answers(noticeDb), listener: hub.isListening() }),
  })
  const server = await startServer({ app, host: config.host, port: config.port, releaseHeld: hub.close })
  const flusher = startWatchFlusher(payments.store, { watchedTokens: hub.watchedTokens, logger })
  const tasks: TaskContext = {
    payments: paymentsOn(jobDb),
    bills,
    showLedger: metrics.ledger,
    queriesPerSecond,
    databaseNow,
    logger,
    countJob: metrics.job,
  }
  const turns = startTurns(tasks)
  // Web and worker stop side by side: no new requests, no new jobs, and what is under way finishes.
  stops.add(() => Promise.all([server.stop(), queue.close(), turns.stop(), flusher.stop()]))
  await startWorker(queue.boss, tasks)
  return { url: server.url, stop: () => stops.run() }
}

/** What the commands of the shell need of it: the payments of a database that a service has set up, without web and worker. */
export async function openTools(config: Config, logger: Logger): Promise<{ payments: PaymentContext; close(): Promise<void> }> {
  const postgres = await openPostgres(config, logger)
  const onTrouble = tellOfLoss(logger)
  const db = openDatabase({ config: postgres.config, max: connections.tools, name: 'wxpay tools', onConnectionLost: onTrouble })
  const queue = await openJobQueue({ config: postgres.config, max: connections.tools, works: false, onTrouble })
  const wechat = openWechat(config)
  return {
    payments: {
      store: { db, enqueue: createEnqueue(queue.boss), clock: systemClock, onChanged: () => undefined },
      wechat: wechat.gates,
      ...policyOf(config),
      alarms: createAlarms({ logger, metrics: createMetrics({ processMetrics: false }) }),
    },
    async close(): Promise<void> {
      await queue.close()
      await wechat.destroy()
      await db.destroy()
      await postgres.stop()
    },
  }
}
