import Router, { type RouterContext } from '@koa/router'
import { errorTable, idempotencyReplayedHeader, openCheckoutBody, routes, type ShopView, StartPaymentBody } from 'wxpay-core/contract'
import { z } from 'zod'
import type { AccountCommands } from '../../commands/accountCommands.ts'
import type { Answered, Commands } from '../../commands/commands.ts'
import type { Config } from '../../config.ts'
import { payerOf, type Means } from '../../domain/means.ts'
import type { Checkout } from '../../domain/order.ts'
import { presentCheckout } from '../../presenters/presentCheckout.ts'
import type { Clock } from '../../support/clock.ts'
import { errorBody } from '../errorAnswers.ts'
import { fingerprintOf } from '../fingerprint.ts'
import { addressGroup, clientAddress } from '../middleware/clientAddress.ts'
import { createMeansReader } from '../meansReader.ts'
import { createFindPayer } from '../payer.ts'
import { IdempotencyHeaders, readRequest } from '../readRequest.ts'
import type { RequestState } from '../state.ts'
import { tokenOf } from '../tokenOf.ts'

export interface CheckoutRoutesDeps {
  config: Pick<Config, 'trustedProxies' | 'limits' | 'shop' | 'h5'>
  commands: Omit<Commands, 'recordNotice'>
  accounts: Pick<AccountCommands, 'authorisation' | 'miniProgram' | 'findPayer'>
  clock: Clock
}

type Context = RouterContext<RequestState>

const StartPaymentRequest = z.object({ headers: IdempotencyHeaders, body: StartPaymentBody })

/** What shoppers' pages call: no login, whoever has the token may see the order and cancel it. */
export function checkoutRoutes({ config, commands, accounts, clock }: CheckoutRoutesDeps): Router<RequestState> {
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

  return router
}

/** The same request of another payer is another request. */
function nameOf(means: Means): string | undefined {
  const payer = payerOf(means)
  return payer ? `${payer.appId} ${payer.openId}` : undefined
}

function answer(ctx: Context, { answer: { status, errorCode, view }, replayed }: Answered): void {
  if (replayed) ctx.set(idempotencyReplayedHeader, 'true')
  ctx.status = errorCode ? errorTable[errorCode].status : status
  ctx.body = errorCode ? errorBody({ code: errorCode, headers: {}, view }, ctx.state.requestId) : view
}
