import { randomUUID } from 'node:crypto'
import type { Logger } from '../../support/logger.ts'
import type { Metrics } from '../../support/metrics.ts'
import { discardRest } from '../rawRequestBody.ts'
import { routeOf, type AppMiddleware } from '../state.ts'

/** Asked every few seconds by every page and every probe: shown at level debug only. */
const frequentRoutes = new Set(['/v1/checkouts/:token/status', '/healthz', '/readyz', '/metrics'])

/** Outermost: gives the request its id, and writes one line and one count of how it ended. */
export function accessLog({
  logger,
  metrics,
}: {
  logger: Pick<Logger, 'info' | 'debug'>
  metrics: Pick<Metrics, 'httpRequest'>
}): AppMiddleware {
  return async (ctx, next) => {
    const startedAt = performance.now()
    const requestId = randomUUID()
    ctx.state = { requestId, route: 'unknown', held: false }
    ctx.set('X-Request-Id', requestId)
    await next()
    const route = routeOf(ctx)
    const ms = performance.now() - startedAt
    metrics.httpRequest({ route, status: ctx.status, durationMs: ctx.state.held ? null : ms })
    const level = frequentRoutes.has(route) && ctx.status < 400 ? 'debug' : 'info'
    logger[level]({ requestId, method: ctx.method, route, status: ctx.status, ms: Math.round(ms * 10) / 10 }, 'request')
    discardRest(ctx.req)
  }
}
