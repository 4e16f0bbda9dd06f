import Router from '@koa/router'
import { standing, type Trade, type Transition } from '../ledger/trade.ts'
import type { ControlDependencies } from './dependencies.ts'
import { readJson } from './guard.ts'
import { ControlProblem, readWith } from './problem.ts'
import { CancelBody, FailBody, PayBody, ScanBody } from './schemas.ts'
import { presentScan, presentTrade } from './views.ts'

type Which = { codeUrl?: string | undefined; outTradeNo?: string | undefined; mchid?: string | undefined }

/** What the payer's thumb can do. Every answer waits for the ledger's commit, none for the notice's delivery. */
export function payerRoutes(dependencies: ControlDependencies): Router {
  const { ledger, merchants, payer } = dependencies
  const router = new Router()
  const present = (trade: Trade) => presentTrade(ledger.find(trade.mchid, trade.outTradeNo) ?? trade, dependencies)

  router.post('/scan', async (ctx) => {
    const { codeUrl } = readWith(ScanBody, await readJson(ctx))
    ctx.body = presentScan(findOpen({ codeUrl }, dependencies), merchants)
  })

  router.post('/pay', async (ctx) => {
    const { openid, couponFen, late = false, ...which } = readWith(PayBody, await readJson(ctx))
    const trade = findOpen(which, dependencies, { late })
    if ((couponFen ?? 0) > trade.totalFen) {
      throw new ControlProblem(400, 'invalid', 'the coupon is worth more than the trade', [{ param: 'couponFen', message: 'too large' }])
    }
    const paid = payer.pay(trade, { openid, couponFen, late })
    check(paid)
    ctx.body = { ...present(trade), noticeId: paid.noticeId }
  })

  router.post('/fail', async (ctx) => {
    const { reason, ...which } = readWith(FailBody, await readJson(ctx))
    const trade = findOpen(which, dependencies)
    check(ledger.decline(trade, reason))
    ctx.body = present(trade)
  })

  router.post('/cancel', async (ctx) => {
    const trade = findOpen(readWith(CancelBody, await readJson(ctx)), dependencies)
    check(ledger.decline(trade, 'cancelled'))
    ctx.body = present(trade)
  })

  return router
}

/** `late`: also what was closed or has expired. @throws {ControlProblem} 404 for what nobody created, 409 for what cannot be paid any more */
function findOpen(which: Which, { ledger, clock }: ControlDependencies, { late = false } = {}): Trade {
  const found = candidates(which, ledger)
  if (found.length > 1) throw new ControlProblem(409, 'ambiguous', 'several merchants use this number: give mchid too')
  const [trade] = found
  if (!trade) throw new ControlProblem(404, 'unknown', 'WeChat knows no such code or number')
  const state = standing(trade, clock.now())
  if (late && state !== 'paid') return trade
  if (state !== 'open') throw cannotPay(state)
  const codeIsOld = which.codeUrl !== undefined && (trade.codeUrl !== which.codeUrl || clock.now() >= trade.codeExpiresAt)
  if (codeIsOld) throw cannotPay('expired')
  return trade
}

function candidates({ codeUrl, outTradeNo, mchid }: Which, ledger: ControlDependencies['ledger']): Trade[] {
  const byCode = codeUrl === undefined ? undefined : ledger.byCode(codeUrl)
  const found = byCode ? [byCode] : ledger.named(outTradeNo ?? '')
  return found.filter((trade) => mchid === undefined || trade.mchid === mchid)
}

function check(transition: Transition): void {
  if (!transition.ok) throw cannotPay(transition.standing)
}

const cannotPay = (code: 'expired' | 'paid' | 'closed') => new ControlProblem(409, code, `the trade is ${code}`)
