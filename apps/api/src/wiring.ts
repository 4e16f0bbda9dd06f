import type pg from 'pg'
import { createWechatPayV2, createWechatPayV3, type WechatPay } from 'wxpay-core/protocol'
import type { AccountCommands } from './commands/accountCommands.ts'
import type { AccountContext } from './commands/accountContext.ts'
import type { BillContext } from './commands/billContext.ts'
import { beginAuthorisation } from './commands/beginAuthorisation.ts'
import { cancelOrder } from './commands/cancelOrder.ts'
import type { Commands } from './commands/commands.ts'
import type { PaymentContext } from './commands/context.ts'
import { extendPayment } from './commands/extendPayment.ts'
import { finishAuthorisation } from './commands/finishAuthorisation.ts'
import { loginMiniProgram } from './commands/loginMiniProgram.ts'
import type { BillCommands } from './commands/billCommands.ts'
import { createOperatorReads } from './commands/operatorReads.ts'
import { codeSigner, createProductCommands, type ProductCommands } from './commands/products.ts'
import { openCheckout, type OpenCheckoutContext } from './commands/openCheckout.ts'
import { receiveMessage } from './commands/receiveMessage.ts'
import { recordNotice } from './commands/recordNotice.ts'
import { requestBill } from './commands/requestBill.ts'
import { resolveDiscrepancy } from './commands/resolveDiscrepancy.ts'
import { requestRefund } from './commands/requestRefund.ts'
import { signJsSdkPage } from './commands/signJsSdkPage.ts'
import { startPayment } from './commands/startPayment.ts'
import { startScan } from './commands/startScan.ts'
import { confirmBill } from './commands/steps/confirmBill.ts'
import { createWechatGates, type WechatGates } from './commands/steps/wechatGates.ts'
import { tellMissingKeys } from './commands/tellMissingKeys.ts'
import type { Config } from './config.ts'
import { clientCertificate } from './config/readCertificate.ts'
import { keySettings } from './config/readWechat.ts'
import type { V3Config } from './config/readV3.ts'
import type { AccountKeys } from './config/readWechatAccounts.ts'
import type { TaskContext } from './jobs/tasks/taskContext.ts'
import { startTurns } from './jobs/turns.ts'
import { startWatchFlusher } from './jobs/watchFlusher.ts'
import { startWorker } from './jobs/worker.ts'
import { createAccountApi } from './officialAccount/accountApi.ts'
import { createAccountTokens } from './officialAccount/accountTokens.ts'
import { handlers } from './officialAccount/handlers.ts'
import { presentCheckout } from './presenters/presentCheckout.ts'
import { createListener } from './status/listener.ts'
import { createStatusHub } from './status/statusHub.ts'
import { databaseNow } from './storage/callBudgets.ts'
import { openBillStore } from './storage/billStore.ts'
import { readCheckout } from './storage/checkouts.ts'
import { countOpenDiscrepancies } from './storage/discrepancies.ts'
import { answers, openDatabase, type Database } from './storage/database.ts'
import { startEmbeddedPostgres } from './storage/embedded/start.ts'
import { createEnqueue, openJobQueue } from './storage/jobQueue.ts'
import { migrateToLatest } from './storage/migrate.ts'
import { findPayerSession } from './storage/payerSessions.ts'
import { createAlarms } from './support/alarms.ts'
import { createBillAlarms } from './support/billAlarms.ts'
import { systemClock } from './support/clock.ts'
import { createSkewWatch } from './support/clockSkew.ts'
import type { Logger } from './support/logger.ts'
import { createMetrics, type Metrics } from './support/metrics.ts'
import { Stops } from './support/stops.ts'
import { createApp, maxStatusWaiters } from './web/app.ts'
import { noticePaths, refundNoticePaths } from './web/routes/notices.ts'
import type { ScanRouteDeps } from './web/routes/scan.ts'
import { startServer } from './web/server.ts'

/** Connections of each kind. Notices have their own, so that nothing else can make them wait (rule R25), and so have jobs. */
const connections = { shared: 12, notices: 6, jobs: 6, bills: 4, queue: 4, tools: 2 }

/** Queries of WeChat on the ladder, per second, all processes of a merchant together (rule R16). */
const queriesPerSecond = 10

export interface Process {
  url: string
  /** Stops in the order of rule R26. */
  stop(): Promise<void>
}

/** The whole service in this process: web and worker. Everything is constructed here and passed on. */
export async function startProcess(config: Config, logger: Logger): Promise<Process> {
  const stops = new Stops()
  try {
    return await startParts(config, logger, stops)
  } catch (error) {
    await stops.run()
    throw error
  }
}

async function startParts(config: Config, logger: Logger, stops: Stops): Promise<Process> {
  const postgres = await openPostgres(config, logger)
  stops.add(postgres.stop)
  await migrateToLatest(postgres.config)
  const onTrouble = (error: Error) => logger.warn({ err: error }, 'a database connection was lost')
  const database = (name: string, max: number): Database => {
    const opened = openDatabase({ config: postgres.config, max, name, onConnectionLost: onTrouble })
    stops.add(() => opened.destroy())
    return opened
  }
  const db = database('wxpay', connections.shared)
  const noticeDb = database('wxpay notices', connections.notices)
  const jobDb = database('wxpay jobs at work', connections.jobs)
  const billStore = openBillStore({ config: postgres.config, max: connections.bills, onConnectionLost: onTrouble })
  stops.add(billStore.close)
  const metrics = createMetrics()
  const wechat = openWechat(config, watchSkew(metrics, logger))
  stops.add(() => wechat.destroy())
  const queue = await openJobQueue({ config: postgres.config, max: connections.queue, works: true, onTrouble })
  const alarms = createAlarms({ logger, metrics })
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
  const opening = bindOpening(config, payments)
  const commands = bindCommands(opening, paymentsOn(noticeDb))
  const printed = bindPrintedCodes(config, opening)
  const ready = async () => ({ database: await answers(db), notices: await answers(noticeDb), listener: hub.isListening() })
  const accounts = bindAccounts(config, { db, metrics, logger })
  const atWork = paymentsOn(jobDb)
  const bills: BillContext = {
    store: billStore,
    clock: systemClock,
    mchId: config.wechat.mchId,
    wechat: wechat.gates,
    alarms: createBillAlarms({ logger, metrics }),
    onAgreement: (billId) => confirmBill(atWork.store, billId),
  }
  const app = createApp({
    config,
    commands,
    accounts,
    ...printed,
    reads: createOperatorReads(db),
    bills: bindBills(bills),
    hub,
    noticeGates: wechat.gates.all,
    clock: systemClock,
    metrics,
    logger,
    ready,
  })
  const server = await startServer({ app, host: config.host, port: config.port, releaseHeld: hub.close })
  const flusher = startWatchFlusher(payments.store, { watchedTokens: hub.watchedTokens, logger })
  const tasks: TaskContext = {
    payments: atWork,
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
  const onTrouble = (error: Error) => logger.warn({ err: error }, 'a database connection was lost')
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

function policyOf(config: Config): Pick<PaymentContext, 'mchId' | 'policy' | 'life' | 'publicUrl' | 'refundNotifyUrl'> {
  const { paidBy, latePayment, refundDuplicates, life, publicUrl, wechat } = config
  return {
    mchId: wechat.mchId,
    policy: { paidBy, latePayment, refundDuplicates },
    life,
    publicUrl,
    refundNotifyUrl: (protocol) => publicUrl + refundNoticePaths[protocol],
  }
}

function bindOpening(config: Config, payments: PaymentContext): OpenCheckoutContext {
  return {
    payments,
    facts: { notifyUrl: (protocol) => config.publicUrl + noticePaths[protocol], serverAddress: '127.0.0.1' },
    limits: config.limits,
    present: presentCheckout,
  }
}

/** @param noticing - the same payments over the connections that are kept for notices */
function bindCommands(opening: OpenCheckoutContext, noticing: PaymentContext): Commands {
  const { payments } = opening
  return {
    openCheckout: (input) => openCheckout(opening, input),
    startPayment: (input) => startPayment(opening, input),
    extendPayment: (input) => extendPayment(payments, input),
    cancelOrder: (input) => cancelOrder(payments, input),
    recordNotice: (notice) => recordNotice(noticing, notice),
    requestRefund: (input) => requestRefund(payments, input),
    findCheckout: (token) => readCheckout(payments.store.db, { token }),
  }
}

/** What an operator may do about bills. */
function bindBills(context: BillContext): BillCommands {
  return {
    requestBill: (input) => requestBill(context, input),
    resolveDiscrepancy: (input) => resolveDiscrepancy(context, input),
  }
}

/** Native mode 1: without the key of v2 nothing of it can be made or answered. */
function bindPrintedCodes(config: Config, opening: OpenCheckoutContext): { products: ProductCommands; scans: ScanRouteDeps['scans'] } {
  const { store, wechat } = opening.payments
  const { appId, mchId, v2 } = config.wechat
  const way = wechat.all.find(({ scan }) => scan !== undefined)
  const gate = way?.scan
  const codes = gate && v2 && config.scan ? { gate, signer: codeSigner({ appId, mchId, key: v2.key }) } : null
  const products = createProductCommands({ db: store.db, clock: store.clock, codes })
  if (!way || !gate) return { products, scans: null }
  const context = { ...opening, protocol: way.protocol, isOpen: config.scan }
  return { products, scans: { gate, start: (scan, withinMs) => startScan(context, scan, withinMs) } }
}

function watchSkew(metrics: Metrics, logger: Logger): (wechatMs: number) => void {
  return createSkewWatch({
    now: () => systemClock.now().getTime(),
    skew: metrics.clockSkew,
    warn: (ms) => logger.warn({ aheadMs: ms }, 'our clock and WeChat’s differ: past 5 min WeChat’s messages and ours are refused'),
  })
}

/** The parts whose settings are there. */
function bindAccounts(config: Config, { db, metrics, logger }: { db: Database; metrics: Metrics; logger: Logger }): AccountCommands {
  const { officialAccount, miniProgram, messages, apiUrl } = config.accounts
  const api = createAccountApi({
    apiUrl,
    onCall({ error, ...made }) {
      metrics.wechatCall({ protocol: 'account', ...made })
      if (error) logger.warn({ call: made.call, outcome: made.outcome, err: error }, 'WeChat gave no answer that helps')
    },
  })
  const context: AccountContext = { db, clock: systemClock, config: config.accounts, publicUrl: config.publicUrl, api }
  const appIds = { 'official-account': officialAccount?.appId, 'mini-program': miniProgram?.appId }
  return {
    authorisation: officialAccount && {
      begin: (input) => beginAuthorisation(context, officialAccount, input),
      finish: (callback) => finishAuthorisation(context, officialAccount, callback),
    },
    miniProgram: miniProgram && { login: (input) => loginMiniProgram(context, miniProgram, input) },
    messages: messages && {
      settings: messages,
      receive: (push, withinMs) => receiveMessage({ ...context, handlers, logger }, messages, push, withinMs),
    },
    signPage: officialAccount && bindSignPage(context, officialAccount),
    async findPayer(token, source) {
      const appId = appIds[source]
      return appId === undefined ? null : findPayerSession(db, token, { source, appId, now: systemClock.now() })
    },
  }
}

function bindSignPage({ db, clock, api }: AccountContext, keys: AccountKeys): NonNullable<AccountCommands['signPage']> {
  const tokens = createAccountTokens({ db, clock, api, keys })
  return (url) => signJsSdkPage({ tokens, clock }, keys, url)
}

async function openPostgres(config: Config, logger: Logger): Promise<{ config: pg.PoolConfig; stop(): Promise<void> }> {
  if (config.databaseUrl === null) return startEmbeddedPostgres({ dataDir: config.dataDir, logger })
  return { config: { connectionString: config.databaseUrl }, stop: () => Promise.resolve() }
}

/** A way to WeChat for each protocol whose keys are there. */
function openWechat(
  { wechat, accounts }: Config,
  onAnswerDate?: (wechatMs: number) => void,
): { gates: WechatGates; destroy(): Promise<void> } {
  const { appId, mchId, apiUrl, apiBackupUrl, apiCa, v2, v3 } = wechat
  // A payment made in the mini program is noticed under the mini program's appid.
  const otherAppIds = accounts.miniProgram ? [accounts.miniProgram.appId] : []
  const addresses = { apiUrl, ...(apiBackupUrl !== null && { apiBackupUrl }) }
  const common = { appId, otherAppIds, mchId, ...addresses, ...(apiCa !== null && { apiCa }), ...(onAnswerDate && { onAnswerDate }) }
  const opened = [
    ...(v2 ? [createWechatPayV2({ ...common, key: v2.key, signType: v2.signType, ...clientCertificate(wechat) })] : []),
    ...(v3 ? [createWechatPayV3({ ...common, ...v3Keys(v3) })] : []),
  ]
  const destroy = async () => void (await Promise.all(opened.map((one) => one.destroy())))
  return { gates: gatesOf(opened, wechat.protocol), destroy }
}

function gatesOf(opened: readonly WechatPay[], protocol: string): WechatGates {
  const current = opened.find((one) => one.protocol === protocol)
  if (!current) throw new Error(`the settings have no keys for protocol ${protocol}`) // loadConfig asks for them
  return createWechatGates({ current, others: opened.filter((one) => one !== current), settingsOf: keySettings })
}

function v3Keys({ key, merchantPrivateKey, merchantSerial, publicKey }: V3Config) {
  return { key, merchantPrivateKey, merchantSerial, ...(publicKey && { publicKey }) }
}
