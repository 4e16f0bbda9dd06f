import Router from '@koa/router'
import type { FaultOrder } from '../faults/faults.ts'
import { describeKind, faultKinds, isFaultKind } from '../faults/kinds.ts'
import { billRoutes } from './billRoutes.ts'
import type { ControlDependencies } from './dependencies.ts'
import { loopbackOnly, readJson } from './guard.ts'
import { ControlProblem, presentProblems, readWith } from './problem.ts'
import { payerRoutes } from './payerRoutes.ts'
import { signingRoutes } from './signingRoutes.ts'
import { refundRoutes } from '../refunds/controlRoutes.ts'
import { ClockBody, EmptyBody, FaultBody, NoticesQuery, TradesQuery } from './schemas.ts'
import { presentMerchant, presentNotice, presentTrade } from './views.ts'

/** The side that WeChat does not have: everything a developer or a test may see and order. */
export function controlRoutes(dependencies: ControlDependencies): Router {
  const router = new Router({ prefix: '/_control' })
  router.use(presentProblems, loopbackOnly)
  lookRoutes(router, dependencies)
  noticeRoutes(router, dependencies)
  faultRoutes(router, dependencies)
  timeRoutes(router, dependencies)
  router.use(payerRoutes(dependencies).routes())
  router.use(signingRoutes(dependencies).routes())
  router.use(refundRoutes(dependencies).routes())
  router.use(billRoutes(dependencies).routes())
  return router
}

function lookRoutes(router: Router, dependencies: ControlDependencies): void {
  const { ledger, clock, merchants, accountSide, refusals, tls } = dependencies
  router.get('/health', (ctx) => {
    ctx.body = { status: 'ok', now: new Date(clock.now()).toISOString(), offsetMs: clock.offsetMs() }
  })

  router.get('/merchants', (ctx) => {
    ctx.body = { items: merchants.all.map((merchant) => presentMerchant(merchant, accountSide)), tls }
  })

  router.get('/trades', (ctx) => {
    const { outTradeNo, state } = readWith(TradesQuery, { ...ctx.query })
    const trades = outTradeNo === undefined ? ledger.trades() : ledger.named(outTradeNo)
    const items = trades.map((trade) => presentTrade(trade, dependencies))
    ctx.body = { items: items.filter((item) => state === undefined || item.state === state) }
  })

  /** Why calls were refused; WeChat itself does not say. */
  router.get('/refusals', (ctx) => {
    ctx.body = { items: refusals.list() }
  })
}

function noticeRoutes(router: Router, { ledger, notifier }: ControlDependencies): void {
  router.get('/notices', (ctx) => {
    const { outTradeNo } = readWith(NoticesQuery, { ...ctx.query })
    const notices = ledger.notices().filter((notice) => outTradeNo === undefined || notice.outTradeNo === outTradeNo)
    ctx.body = { items: notices.map(presentNotice) }
  })

  /** Answers after the delivery was tried; takes no rung of the ladder. */
  router.post('/notices/:id/resend', async (ctx) => {
    readWith(EmptyBody, await readJson(ctx))
    const id = ctx.params['id'] ?? ''
    if (!ledger.notice(id)) throw new ControlProblem(404, 'unknown_notice', 'no notice has this id')
    await notifier.resend(id)
    const notice = ledger.notice(id)
    ctx.body = notice ? presentNotice(notice) : {}
  })
}

const kinds = Object.fromEntries(Object.keys(faultKinds).flatMap((kind) => (isFaultKind(kind) ? [[kind, describeKind(kind)]] : [])))

function faultRoutes(router: Router, { faults }: ControlDependencies): void {
  router.get('/faults', (ctx) => {
    ctx.body = { items: faults.list(), kinds }
  })

  router.post('/faults', async (ctx) => {
    const order = readWith(FaultBody, await readJson(ctx))
    ctx.status = 201
    ctx.body = faults.order(withoutGaps(order))
  })

  router.delete('/faults', (ctx) => {
    faults.clear()
    ctx.status = 204
  })
}

/** Zod types an absent key as `undefined`; the engine's types say "absent". */
function withoutGaps(order: { [Key in keyof FaultOrder]: FaultOrder[Key] | undefined } & Pick<FaultOrder, 'on' | 'kind'>): FaultOrder {
  const { on, kind, ...rest } = order
  return { on, kind, ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) }
}

function timeRoutes(router: Router, dependencies: ControlDependencies): void {
  const { ledger, clock, accountSide, notifier, desk, faults, refusals, bills, downloads } = dependencies
  /** Answers after everything that fell due on the way was tried. */
  router.post('/clock', async (ctx) => {
    const { advanceMs } = readWith(ClockBody, await readJson(ctx))
    await notifier.advance(advanceMs)
    ctx.body = { now: new Date(clock.now()).toISOString(), offsetMs: clock.offsetMs() }
  })

  /** Trades, notices, codes, tokens, pushes, faults and the clock go; the merchants, their keys and accounts stay. */
  router.post('/reset', async (ctx) => {
    readWith(EmptyBody, await readJson(ctx))
    faults.clear()
    refusals.clear()
    notifier.forget()
    desk.forget()
    accountSide.clear()
    bills.clear()
    downloads.clear()
    await ledger.reset()
    notifier.wake()
    ctx.status = 204
  })
}
