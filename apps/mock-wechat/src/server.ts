import Koa from 'koa'
import { join } from 'node:path'
import { pino, type Logger } from 'pino'
import { openAccountSide } from './accounts/accountSide.ts'
import { bridgePayRoutes } from './bridge/routes.ts'
import { createBills } from './bills/bills.ts'
import { createDownloads } from './bills/downloads.ts'
import { createClock } from './clock.ts'
import type { Config } from './config.ts'
import { controlRoutes } from './control/routes.ts'
import { createFaults } from './faults/faults.ts'
import { h5Routes } from './h5/routes.ts'
import { createSettler } from './h5/settler.ts'
import { openLedger } from './ledger/ledger.ts'
import { listen } from './listen.ts'
import { openMerchants } from './merchants.ts'
import { createNotifier } from './notices/notifier.ts'
import { createPost } from './notices/post.ts'
import { createPayer } from './payer.ts'
import { phonePages } from './phonePages.ts'
import { createRefundDesk } from './refunds/desk.ts'
import { createRefusals } from './refusals.ts'
import { createScanner } from './scan/scanner.ts'
import { openIdentity } from './tls/identity.ts'
import { downloadbillRoutes } from './v2/downloadbill.ts'
import { v2Routes } from './v2/routes.ts'
import { v3Routes } from './v3/routes.ts'

export interface MockOptions extends Config {
  /** For tests: real time in milliseconds. */
  realNow?: () => number
  /** WeChat waits 5 s for the answer to a notice (回调通知注意事项), and to a message of the chat (接收普通消息). */
  noticeTimeoutMs?: number
}

/** `ca`: PEM of the authority that signed the certificate of `url`. */
export interface Tls {
  url: string
  ca: string
}

export interface Mock {
  url: string
  /** Where calls with a client certificate arrive, and whom to trust there; null when nobody listens. */
  tls: Tls | null
  stop(): Promise<void>
}

/** Composition root: listens, replays the ledger, answers, and lets due notices go. */
export async function startMock(options: MockOptions): Promise<Mock> {
  const { switches } = options
  const log = pino({ level: options.logLevel })
  // The port comes first: a second start by mistake fails here, before it touches the files of the first.
  const plain = await listen(options)
  const { url } = plain

  const dir = join(options.dataDir, 'mock-wechat')
  const secure = await listenSecurely(options, dir)
  const tls = secure && { url: secure.url, ca: secure.ca }
  const merchants = await openMerchants(dir)
  const clock = createClock(options.realNow, switches.tradeTimes)
  const ledger = await openLedger(dir, clock)
  const faults = createFaults()
  const refusals = createRefusals(log)
  const patienceMs = options.noticeTimeoutMs ?? 5_000
  const { post, close: closePost } = createPost(patienceMs)
  const notifier = createNotifier({ ledger, clock, faults, merchants, switches, post })
  const payer = createPayer({ ledger, clock, notifier })
  const settler = createSettler(payer)

  const accountSide = openAccountSide({ dir, merchants: merchants.all, clock, refusals, pushTimeoutMs: patienceMs })

  const { accounts } = accountSide
  const scanner = createScanner({ ledger, clock, merchants, accounts, faults, post, patienceMs })

  const app = createApp(log, () => ledger.durable())
  const desk = createRefundDesk({ ledger, clock, switches, accounts, notifier })
  const [bills, downloads] = [createBills({ ledger, clock, switches }), createDownloads(clock)]
  const backend = { ledger, clock, switches, desk, publicUrl: options.publicUrl ?? url }
  app.use(v2Routes({ backend, merchants, faults, payer, refusals }).routes())
  app.use(downloadbillRoutes({ bills, merchants, faults, refusals }).routes())
  app.use(v3Routes({ backend: { ...backend, burned: new Set(), bills, downloads }, merchants, faults, payer, refusals }))
  for (const router of accountSide.routers) app.use(router.routes())
  app.use(h5Routes({ ledger, clock, accounts, switches, merchants, payer, settler, refusals }).routes())
  app.use(bridgePayRoutes({ ledger, clock, merchants, payer, faults, refusals }).routes())
  app.use(
    controlRoutes({
      ledger,
      clock,
      switches,
      merchants,
      tls,
      desk,
      accountSide,
      notifier,
      payer,
      scanner,
      faults,
      refusals,
      bills,
      downloads,
    }).routes(),
  )
  app.use(phonePages().routes())
  for (const listener of [plain, ...(secure ? [secure] : [])]) listener.answerWith(app.callback())
  notifier.wake()

  return {
    url,
    tls,
    async stop() {
      const closed = Promise.all([plain.close(), secure?.close()])
      settler.clear()
      await notifier.stop()
      await Promise.all([closePost(), accountSide.close()])
      await closed
      await ledger.close()
    },
  }
}

/** No answer leaves before everything it could have seen is on disk. */
function createApp(log: Logger, durable: () => Promise<void>): Koa {
  const app = new Koa()
  app.on('error', (cause: unknown) => log.error({ err: cause }, 'request failed'))
  app.use(async (_ctx, next) => {
    await next()
    await durable()
  })
  return app
}

/** Refunds of protocol v2 come with a client certificate. */
async function listenSecurely({ host, tlsPort }: MockOptions, dir: string) {
  if (tlsPort === undefined) return null
  const identity = await openIdentity(dir, Date.now())
  return { ...(await listen({ host, port: tlsPort }, identity)), ca: identity.ca }
}
