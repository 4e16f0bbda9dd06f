import Koa from 'koa'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pino, type Logger } from 'pino'
import { openAccountSide } from './accounts/accountSide.ts'
import { bridgePayRoutes } from './bridge/routes.ts'
import { createClock } from './clock.ts'
import type { Config } from './config.ts'
import { controlRoutes } from './control/routes.ts'
import { createFaults } from './faults/faults.ts'
import { h5Routes } from './h5/routes.ts'
import { createSettler } from './h5/settler.ts'
import { openLedger } from './ledger/ledger.ts'
import { openMerchants } from './merchants.ts'
import { createNotifier } from './notices/notifier.ts'
import { createPost } from './notices/post.ts'
import { createPayer } from './payer.ts'
import { phonePages } from './phonePages.ts'
import { createRefusals } from './refusals.ts'
import { createScanner } from './scan/scanner.ts'
import { v2Routes } from './v2/routes.ts'
import { v3Routes } from './v3/routes.ts'

export interface MockOptions extends Config {
  /** For tests: real time in milliseconds. */
  realNow?: () => number
  /** WeChat waits 5 s for the answer to a notice (回调通知注意事项), and to a message of the chat (接收普通消息). */
  noticeTimeoutMs?: number
}

export interface Mock {
  url: string
  stop(): Promise<void>
}

/** Calls under way may end; what a fault keeps open on purpose is cut after this. */
const stopGraceMs = 500

/** Longer than usual clients keep an idle connection: they close first, and no call runs into a closing one. */
const keepAliveMs = 75_000

/** Composition root: listens, replays the ledger, answers, and lets due notices go. */
export async function startMock(options: MockOptions): Promise<Mock> {
  const { switches } = options
  const log = pino({ level: options.logLevel })
  // The port comes first: a second start by mistake fails here, before it touches the files of the first.
  const { server, url, answerWith } = await listen(options)

  const dir = join(options.dataDir, 'mock-wechat')
  const merchants = await openMerchants(dir)
  const clock = createClock(options.realNow)
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
  const backend = { ledger, clock, switches, publicUrl: options.publicUrl ?? url }
  app.use(v2Routes({ backend, merchants, faults, payer, refusals }).routes())
  app.use(v3Routes({ backend: { ...backend, burned: new Set() }, merchants, faults, payer, refusals }))
  for (const router of accountSide.routers) app.use(router.routes())
  app.use(h5Routes({ ledger, clock, accounts, switches, merchants, payer, settler, refusals }).routes())
  app.use(bridgePayRoutes({ ledger, clock, merchants, payer, faults, refusals }).routes())
  app.use(controlRoutes({ ledger, clock, switches, merchants, accountSide, notifier, payer, scanner, faults, refusals }).routes())
  app.use(phonePages().routes())
  answerWith(app.callback())
  notifier.wake()

  return {
    url,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      const impatience = setTimeout(() => server.closeAllConnections(), stopGraceMs)
      settler.clear()
      await notifier.stop()
      await Promise.all([closePost(), accountSide.close()])
      await closed
      clearTimeout(impatience)
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

/** Until the ledger is read, everybody is asked to come back. */
async function listen({ host, port }: Config) {
  let handle: (request: IncomingMessage, response: ServerResponse) => unknown = (_request, response) => response.writeHead(503).end()
  const server = createServer({ keepAliveTimeout: keepAliveMs }, (request, response) => void handle(request, response))
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
  const shown = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host
  const url = `http://${shown.includes(':') ? `[${shown}]` : shown}:${addressOf(server).port}`
  const answerWith = (next: typeof handle) => {
    handle = next
  }
  return { server, url, answerWith }
}

function addressOf(server: Server): AddressInfo {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address
}
