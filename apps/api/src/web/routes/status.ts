import Router, { type RouterContext } from '@koa/router'
import { StatusQuery } from 'wxpay-core/contract'
import { z } from 'zod'
import type { Checkout } from '../../domain/order.ts'
import { presentStatus } from '../../presenters/presentCheckout.ts'
import type { StatusHub } from '../../status/statusHub.ts'
import type { Clock } from '../../support/clock.ts'
import type { Metrics } from '../../support/metrics.ts'
import { refuseAbove } from '../refuseAbove.ts'
import { readRequest } from '../readRequest.ts'
import type { RequestState } from '../state.ts'
import { tokenOf } from '../tokenOf.ts'

export interface StatusRouteDeps {
  hub: Pick<StatusHub, 'current' | 'waitForChange'>
  clock: Clock
  metrics: Pick<Metrics, 'paidToVisible'>
  /** Requests at the same time, held ones included. */
  maxInFlight: number
}

type Context = RouterContext<RequestState>

const StatusRequest = z.object({ query: StatusQuery })

/**
 * The long poll. Without a version, or with another than the order's, it answers at once. It never calls WeChat. Most requests are these:
 * the route stands first, with a budget of its own (R25).
 */
export function statusRoute({ hub, clock, metrics, maxInFlight }: StatusRouteDeps): Router<RequestState> {
  const router = new Router<RequestState>()
  const withinBudget = refuseAbove(maxInFlight)

  router.get('/v1/checkouts/:token/status', (ctx) =>
    withinBudget(async () => {
      const token = tokenOf(ctx)
      const { query } = await readRequest(ctx, StatusRequest)
      const checkout = query.version === undefined ? await hub.current(token) : await held(ctx, token, query.version, query.wait ?? 0)
      ctx.body = presentStatus(checkout, clock.now())
    }),
  )

  async function held(ctx: Context, token: string, version: number, waitSeconds: number): Promise<Checkout> {
    // Most are answered at once: only a poll that waits has to know when its caller goes.
    const seen = await hub.waitForChange(token, version, 0, neverGone)
    if (waitSeconds === 0 || seen.order.version !== version) return seen
    const gone = new AbortController()
    ctx.res.once('close', () => {
      if (!ctx.res.writableFinished) gone.abort() // every abort makes an error with its stack
    })
    const startedAt = clock.now()
    const checkout = await hub.waitForChange(token, version, waitSeconds * 1000, gone.signal)
    ctx.state.held = true
    const { status, recordedAt } = checkout.order
    if (status === 'paid' && recordedAt && recordedAt >= startedAt) metrics.paidToVisible(clock.now().getTime() - recordedAt.getTime())
    return checkout
  }

  return router
}

const neverGone = new AbortController().signal
