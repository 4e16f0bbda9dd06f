import Router from '@koa/router'
import type { z } from 'zod'
import type { ControlDependencies } from '../control/dependencies.ts'
import { readJson } from '../control/guard.ts'
import { ControlProblem, readWith } from '../control/problem.ts'
import type { Trade } from '../ledger/trade.ts'
import { digits, randomText } from '../support/random.ts'
import { FinishBody, FundsBody, OutcomeBody, PortalBody, RefundsQuery } from './controlSchemas.ts'
import { RefundProblem } from './problem.ts'
import type { Refund } from './refund.ts'
import { presentRefund } from './view.ts'

type Needs = Pick<ControlDependencies, 'ledger' | 'desk' | 'merchants'>

/** What a test may see and order of refunds; and what a person does in WeChat's merchant platform. */
export function refundRoutes(dependencies: Needs): Router {
  const { ledger, desk } = dependencies
  const router = new Router()

  router.get('/refunds', (ctx) => {
    const { outTradeNo, status } = readWith(RefundsQuery, { ...ctx.query })
    const fits = (refund: Refund) => [refund.outTradeNo, undefined].includes(outTradeNo) && [refund.status, undefined].includes(status)
    ctx.body = { items: ledger.refunds.all().filter(fits).map(presentRefund) }
  })

  /** As with a payment: the answer waits for the ledger, not for the notice. */
  router.post('/refunds', async (ctx) => {
    const refund = beginInPortal(readWith(PortalBody, await readJson(ctx)), dependencies)
    ctx.status = 201
    ctx.body = presentRefund(refund)
  })

  router.post('/refunds/outcome', async (ctx) => {
    const { outcome, times } = readWith(OutcomeBody, await readJson(ctx))
    desk.order(outcome, times)
    ctx.body = { outcome, times: times ?? null }
  })

  router.post('/refunds/:refundId/finish', async (ctx) => {
    const { status } = readWith(FinishBody, await readJson(ctx))
    const refund = ledger.refunds.byId(ctx.params['refundId'] ?? '')
    if (!refund) throw new ControlProblem(404, 'unknown_refund', 'no refund has this id')
    if (!desk.finish(refund, status).ok) throw new ControlProblem(409, 'final', `the refund is ${refund.status}`)
    ctx.body = presentRefund(ledger.refunds.byId(refund.refundId) ?? refund)
  })

  router.use(balanceRoutes(dependencies).routes())
  return router
}

function balanceRoutes({ ledger, desk, merchants }: Needs): Router {
  const router = new Router()
  const present = (mchid: string) => ({ mchid, refundableFen: ledger.refunds.fundsFen(mchid) })

  router.post('/funds', async (ctx) => {
    const { mchid, refundableFen } = readWith(FundsBody, await readJson(ctx))
    const named = merchants.all.filter((merchant) => mchid === undefined || merchant.mchid === mchid)
    if (named.length === 0) throw new ControlProblem(404, 'unknown_merchant', 'no merchant of this mock has this number')
    for (const merchant of named) ledger.setFunds(merchant.mchid, refundableFen)
    ctx.body = { items: named.map((merchant) => present(merchant.mchid)) }
  })

  /** How often which limit was struck; a client that keeps to them all sees zeros. */
  router.get('/limits', (ctx) => {
    ctx.body = { items: merchants.all.map(({ mchid }) => ({ ...present(mchid), struck: desk.rates.strikes(mchid) })) }
  })

  return router
}

/** @throws {ControlProblem} 404 for what nobody paid, 409 when the merchant platform would refuse it */
function beginInPortal(wish: z.output<typeof PortalBody>, { ledger, desk }: Needs): Refund {
  const trade = findTrade(wish, ledger)
  if (!trade.payment) throw new ControlProblem(409, 'unpaid', 'the trade was not paid')
  const { refundFen, reason = null, outRefundNo = `${trade.payment.transactionId}${randomText(digits, 10)}` } = wish
  try {
    return desk.take({
      trade,
      payment: trade.payment,
      origin: 'portal',
      outRefundNo,
      totalFen: trade.totalFen,
      refundFen,
      reason,
      notifyUrl: null,
      fundsAccount: 'UNSETTLED',
    })
  } catch (cause) {
    throw cause instanceof RefundProblem ? new ControlProblem(409, cause.kind.replaceAll('-', '_'), cause.message) : cause
  }
}

function findTrade({ outTradeNo, transactionId, mchid }: z.output<typeof PortalBody>, ledger: Needs['ledger']): Trade {
  const found = transactionId === undefined ? ledger.named(outTradeNo ?? '') : [ledger.byTransaction(transactionId) ?? []].flat()
  const fitting = found.filter((trade) => mchid === undefined || trade.mchid === mchid)
  if (fitting.length > 1) throw new ControlProblem(409, 'ambiguous', 'several merchants use this number: give mchid too')
  const [trade] = fitting
  if (!trade) throw new ControlProblem(404, 'unknown', 'WeChat knows no such trade')
  return trade
}
