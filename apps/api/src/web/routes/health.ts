import Router from '@koa/router'
import type { Context } from 'koa'
import type { Metrics } from '../../support/metrics.ts'
import { isLoopbackHost } from '../../support/settingRules.ts'
import { RequestError } from '../requestErrors.ts'
import type { RequestState } from '../state.ts'

/** Each part that must be there before traffic is taken, e.g. { database: true, listener: true, migrations: true }. */
export type Readiness = Readonly<Record<string, boolean>>

export interface HealthRoutesDeps {
  ready(): Promise<Readiness>
  metrics: Pick<Metrics, 'render' | 'contentType'>
}

/** A probe waits a second or two; a database that takes longer is away. */
const readyWithinMs = 2000

/** For whoever keeps the process running. Nothing here tells about orders. */
export function healthRoutes({ ready, metrics }: HealthRoutesDeps): Router<RequestState> {
  const router = new Router<RequestState>()
  let checking: Promise<Readiness> | undefined

  /** Many who ask at once share one look: these routes stand before load shedding. */
  function check(): Promise<Readiness> {
    checking ??= withinTime(ready()).finally(() => (checking = undefined))
    return checking
  }

  /** The process is alive, whatever else is the case. */
  router.get('/healthz', (ctx) => {
    ctx.body = { status: 'ok' }
  })

  router.get('/readyz', async (ctx) => {
    const checks = await check()
    const isReady = Object.values(checks).every(Boolean)
    ctx.status = isReady ? 200 : 503
    ctx.body = { status: isReady ? 'ready' : 'not ready', checks }
  })

  router.get('/metrics', async (ctx) => {
    if (!isFromThisMachine(ctx)) throw new RequestError('not_found')
    ctx.type = metrics.contentType
    ctx.body = await metrics.render()
  })

  return router
}

async function withinTime(ready: Promise<Readiness>): Promise<Readiness> {
  const { promise: late, resolve } = Promise.withResolvers<Readiness>()
  const timer = setTimeout(() => resolve({ answeredInTime: false }), readyWithinMs)
  try {
    return await Promise.race([ready, late])
  } catch {
    return { checked: false }
  } finally {
    clearTimeout(timer)
  }
}

/** What proxies add. */
const forwardingHeaders = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip']

/**
 * Behind a proxy on this machine every connection is local. It gives itself away by what it adds, by passing on the name that it was
 * called by, or, as nginx does without settings, by speaking HTTP/1.0.
 */
function isFromThisMachine({ req, hostname }: Pick<Context, 'req' | 'hostname'>): boolean {
  const forwarded = forwardingHeaders.some((name) => req.headers[name] !== undefined) || req.httpVersion === '1.0'
  return !forwarded && isLoopbackHost(hostname.toLowerCase()) && /^(127\.|::1$|::ffff:127\.)/.test(req.socket.remoteAddress ?? '')
}
