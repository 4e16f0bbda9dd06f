import Router, { type RouterContext } from '@koa/router'
import {
  CheckoutParams,
  errorTable,
  idempotencyReplayedHeader,
  openCheckoutBody,
  routes,
  type ShopView,
  StartPaymentBody,
  StatusQuery,
} from 'wxpay-core/contract'
import { z } from 'zod'
import type { AccountCommands } from '../../commands/accountCommands.ts'
import type { Answered, Commands } from '../../commands/commands.ts'
import type { Config } from '../../config.ts'
import { CheckoutNotFoundError } from '../../domain/errors.ts'
import { payerOf, type Means } from '../../domain/means.ts'
import type { Checkout } from '../../domain/order.ts'
import { presentCheckout, presentStatus } from '../../presenters/presentCheckout.ts'
import type { StatusHub } from '../../status/statusHub.ts'
import type { Clock } from '../../support/clock.ts'
import type { Metrics } from '../../support/metrics.ts'
import { errorBody } from '../errorAnswers.ts'
import { fingerprintOf } from '../fingerprint.ts'
import { addressGroup, clientAddress } from '../middleware/clientAddress.ts'
import { createMeansReader } from '../meansReader.ts'
import { createFindPayer } from '../payer.ts'
import { IdempotencyHeaders, readRequest } from '../readRequest.ts'
import type { RequestState } from '../state.ts'

export interface CheckoutRoutesDeps {
  config: Pick<Config, 'trustedProxies' | 'limits' | 'shop' | 'h5'>
  commands: Omit<Commands, 'recordNotice'>
  accounts: Pick<AccountCommands, 'authorisation' | 'miniProgram' | 'findPayer'>
  hub: Pick<StatusHub, 'current' | 'waitForChange'>
  clock: Clock
  metrics: Pick<Metrics, 'paidToVisible'>
}

type Context = RouterContext<RequestState>

const StartPaymentRequest = z.object({ headers: IdempotencyHeaders, body: StartPaymentBody })
const StatusRequest = z.object({ query: StatusQuery })

/** What shoppers' pages call: no login, whoever has the token may see the order and cancel it. */
export function checkoutRoutes({ config, commands, accounts, hub, clock, metrics }: CheckoutRoutesDeps): Router<RequestState> {
  const router = new Router<RequestState>()
  const OpenCheckoutRequest = z.object({ headers: IdempotencyHeaders, body: openCheckoutBody(config.limits.maxAmountFen) })
  const findPayer = createFindPayer(accounts)
  const means = createMeansReader({ config, accounts, findPayer })
  const view = (ctx: Context, checkout: Checkout) => presentCheckout(checkout, clock.now(), ctx.state.viewer)

  /** 201 once the order is stored, also when WeChat's answer is not known yet. */
  router.post(routes.checkouts, async (ctx) => {
    const { headers, body } = await readRequest(ctx, OpenCheckoutRequest)
    const by = await means.read(ctx, body.tradeType)
    const answered = await commands.openCheckout({
      amountFen: body.amountFen,
      description: body.description ?? config.shop.name,
      means: by,
      clientAddress: addressGroup(clientAddress(ctx.req, config.trustedProxies)),
      request: { scope: 'POST /v1/checkouts', key: headers['idempotency-key'], fingerprint: fingerprintOf({ ...body, payer: nameOf(by) }) },
    })
    answer(ctx, answered)
  })

  router.get('/v1/checkouts/:token', async (ctx) => {
    const token = tokenOf(ctx)
    ctx.state.viewer = await findPayer(ctx)
    ctx.body = view(ctx, await commands.findCheckout(token))
  })

  /** The long poll. Without a version, or with another than the order's, it answers at once. It never calls WeChat. */
  router.get('/v1/checkouts/:token/status', async (ctx) => {
    const token = tokenOf(ctx)
    const { query } = await readRequest(ctx, StatusRequest)
    const checkout = query.version === undefined ? await hub.current(token) : await held(ctx, token, query.version, query.wait ?? 0)
    ctx.body = presentStatus(checkout, clock.now())
  })

  /** A new attempt to pay the same order. */
  router.post('/v1/checkouts/:token/payments', async (ctx) => {
    const token = tokenOf(ctx)
    const { headers, body } = await readRequest(ctx, StartPaymentRequest)
    const by = await means.read(ctx, body.tradeType)
    const request = {
      scope: 'POST /v1/checkouts/:token/payments',
      key: headers['idempotency-key'],
      fingerprint: fingerprintOf({ token, ...body, payer: nameOf(by) }),
    }
    answer(ctx, await commands.startPayment({ token, means: by, request }))
  })

  /** More time inside WeChat's window. Repeating it is harmless, so it needs no key. */
  router.post('/v1/checkouts/:token/extend', async (ctx) => {
    const token = tokenOf(ctx)
    ctx.state.viewer = await findPayer(ctx)
    ctx.body = view(ctx, await commands.extendPayment({ token }))
  })

  /** 202: the close is under way at WeChat and its outcome not known yet. */
  router.post('/v1/checkouts/:token/cancel', async (ctx) => {
    const token = tokenOf(ctx)
    ctx.state.viewer = await findPayer(ctx)
    const { checkout, outcome } = await commands.cancelOrder({ token })
    ctx.status = outcome === 'closing' ? 202 : 200
    ctx.body = view(ctx, checkout)
  })

  router.get(routes.shop, (ctx) => {
    ctx.body = { ...shop, tradeTypes: [...means.offeredTo(ctx.headers)] } satisfies ShopView
  })

  const shop = {
    ...config.shop,
    limits: { minAmountFen: 1, maxAmountFen: config.limits.maxAmountFen },
  }

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

/** The same request of another payer is another request. */
function nameOf(means: Means): string | undefined {
  const payer = payerOf(means)
  return payer ? `${payer.appId} ${payer.openId}` : undefined
}

const neverGone = new AbortController().signal

/** @throws {CheckoutNotFoundError} also for what cannot be a token at all: nobody learns what tokens look like */
function tokenOf(ctx: Context): string {
  const params = CheckoutParams.safeParse(ctx.params)
  if (!params.success) throw new CheckoutNotFoundError('not a token')
  return params.data.token
}

function answer(ctx: Context, { answer: { status, errorCode, view }, replayed }: Answered): void {
  if (replayed) ctx.set(idempotencyReplayedHeader, 'true')
  ctx.status = errorCode ? errorTable[errorCode].status : status
  ctx.body = errorCode ? errorBody({ code: errorCode, headers: {}, view }, ctx.state.requestId) : view
}
