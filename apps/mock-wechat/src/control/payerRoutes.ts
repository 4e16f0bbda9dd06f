import Router from '@koa/router'
import { findPerson } from '../accounts/people.ts'
import { standing, type Trade, type Transition } from '../ledger/trade.ts'
import { ScanError } from '../scan/scanError.ts'
import type { ControlDependencies } from './dependencies.ts'
import { readJson } from './guard.ts'
import { ControlProblem, readWith } from './problem.ts'
import { CancelBody, FailBody, PayBody, ScanBody } from './schemas.ts'
import { presentScan, presentTrade } from './views.ts'

type Which = Partial<Record<'codeUrl' | 'prepayId' | 'outTradeNo' | 'mchid', string | undefined>>

/** What the payer's thumb can do. Every answer waits for the ledger's commit, none for the notice's delivery. */
export function payerRoutes(dependencies: ControlDependencies): Router {
  const { ledger, merchants, payer } = dependencies
  const router = new Router()
  const present = (trade: Trade) => presentTrade(ledger.find(trade.mchid, trade.outTradeNo) ?? trade, dependencies)

  router.post('/scan', async (ctx) => {
    const { openid, ...which } = readWith(ScanBody, await readJson(ctx))
    const { codeUrl } = which
    const isProduct = codeUrl !== undefined && dependencies.scanner.isProduct(codeUrl)
    ctx.body = isProduct ? await scanProduct(codeUrl, openid, dependencies) : presentScan(findOpen(which, dependencies), merchants)
  })

  router.post('/pay', async (ctx) => {
    const { openid, couponFen, late = false, daysAgo, ...which } = readWith(PayBody, await readJson(ctx))
    const trade = findOpen(which, dependencies, { late })
    if ((couponFen ?? 0) > trade.totalFen) {
      throw new ControlProblem(400, 'invalid', 'the coupon is worth more than the trade', [{ param: 'couponFen', message: 'too large' }])
    }
    if (openid !== undefined && trade.payerOpenid !== null && openid !== trade.payerOpenid)
      throw new ControlProblem(409, 'other_payer', '下单账号与支付账号不一致')
    const paid = payer.pay(trade, { openid, couponFen, late, daysAgo })
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

/** What the payer sees after a printed code: a payment sheet, the merchant's own words, or WeChat's. */
async function scanProduct(codeUrl: string, visitor: string | undefined, { scanner, merchants, refusals }: ControlDependencies) {
  try {
    const product = scanner.read(codeUrl)
    const person = findPerson(product.appid, visitor)
    if (!person) throw new ControlProblem(400, 'unknown_user', 'openid is no test user’s: see users in GET /_control/merchants')
    const verdict = await scanner.scan(product, person)
    return 'declined' in verdict ? verdict : { prepayId: verdict.trade.prepayId, ...presentScan(verdict.trade, merchants) }
  } catch (cause) {
    if (!(cause instanceof ScanError)) throw cause
    refusals.add('bizpayurl', cause.message, cause.reason)
    return { error: cause.message }
  }
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
  if (isOld(which, trade, clock.now())) throw cannotPay('expired')
  return trade
}

/** What a payer holds in hand is too old, or a newer one took its place. An H5 address is old at five minutes; who has opened it may still pay. */
function isOld({ codeUrl, prepayId }: Which, trade: Trade, now: number): boolean {
  if (codeUrl !== undefined) return trade.codeUrl !== codeUrl || now >= trade.codeExpiresAt
  if (prepayId === undefined) return false
  return trade.prepayId !== prepayId || (trade.tradeType !== 'MWEB' && now >= trade.codeExpiresAt)
}

function candidates({ codeUrl, prepayId, outTradeNo, mchid }: Which, ledger: ControlDependencies['ledger']): Trade[] {
  const held = codeUrl === undefined ? ledger.byPrepay(prepayId ?? '') : ledger.byCode(codeUrl)
  const found = held ? [held] : ledger.named(outTradeNo ?? '')
  return found.filter((trade) => mchid === undefined || trade.mchid === mchid)
}

function check(transition: Transition): void {
  if (!transition.ok) throw cannotPay(transition.standing)
}

const cannotPay = (code: 'expired' | 'paid' | 'closed') => new ControlProblem(409, code, `the trade is ${code}`)
