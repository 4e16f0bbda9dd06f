import Koa from 'koa'
import { recordNotice } from '../../commands/recordNotice.ts'
import type { PaymentContext } from '../../commands/context.ts'
import { createLogger } from '../../support/logger.ts'
import { noticeRoutes } from '../../web/routes/notices.ts'
import { startServer } from '../../web/server.ts'
import type { AppMiddleware, RequestState } from '../../web/state.ts'

/** The address to which WeChat sends notices: the service's own routes, which come and go with the service. */
export async function openNoticeDoor({ payments, beforeEach }: { payments: PaymentContext; beforeEach: () => Promise<void> }) {
  const logger = createLogger({ level: 'silent', destination: { write: () => undefined } })
  const results: Record<string, number> = {}
  let routes: AppMiddleware | undefined
  const app = new Koa<RequestState>()
  app.use(async (ctx, next) => {
    ctx.state.requestId = 'month'
    if (!routes) {
      ctx.respond = false
      ctx.req.socket.destroy()
      return
    }
    await beforeEach()
    await routes(ctx, next)
  })
  const server = await startServer({ app, host: '127.0.0.1', port: 0, releaseHeld: async () => undefined })
  return {
    url: server.url,
    /** How many notices met which end. */
    results,
    /** The service is there, with the gates that its settings give it. */
    open(): void {
      routes = noticeRoutes({
        noticeGates: payments.wechat.all,
        commands: { recordNotice: (notice) => recordNotice(payments, notice) },
        metrics: { notice: ({ result, reason }) => void (results[`${result} ${reason}`] = (results[`${result} ${reason}`] ?? 0) + 1) },
        logger,
        maxInFlight: 100,
        maxUnread: 100,
      })
    },
    shut(): void {
      routes = undefined
    },
    stop: server.stop,
  }
}
