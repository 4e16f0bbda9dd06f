import Router from '@koa/router'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { loopbackPages, readJson } from '../control/guard.ts'
import { ControlProblem, presentProblems, readWith } from '../control/problem.ts'
import type { Faults } from '../faults/faults.ts'
import type { Trade } from '../ledger/trade.ts'
import type { Payer } from '../payer.ts'
import type { Refusals } from '../refusals.ts'
import { BringUpError, checkBringUp, readBringUp, type BringUpSide } from './bringUp.ts'

export interface BridgeDependencies extends BringUpSide {
  payer: Payer
  faults: Faults
  refusals: Refusals
}

/** Values as the page gave them: what is wrong with them is WeChat's to say. */
const PayBody = z
  .looseObject({ openid: z.string().min(1).optional(), miniProgramAppId: z.string().min(1).optional() })
  .refine(({ miniProgramAppId, ...given }) => miniProgramAppId === undefined || given['appId'] === undefined, {
    error: 'give appId or miniProgramAppId, not both',
    path: ['miniProgramAppId'],
  })

/** What the payer does, and what the page is told of it: both can be lies. */
export const choices = ['ok', 'cancel', 'fail', 'ok-without-notice', 'ok-although-unpaid', 'fail-although-paid'] as const
const ConfirmBody = z.strictObject({ prepayId: z.string().min(1), choice: z.enum(choices) })
type Choice = (typeof choices)[number]

const clientScript = readFileSync(new URL('../phone/wechatBridge.js', import.meta.url), 'utf8')

/** What WeChat's client on the phone does when a page or a mini program brings a payment up. Open to pages of this machine, as the other bridge route. */
export function bridgePayRoutes(dependencies: BridgeDependencies): Router {
  const { merchants, refusals } = dependencies
  const router = new Router({ prefix: '/_control/bridge' })
  router.use(presentProblems, loopbackPages)

  /** 200 with the payment sheet, else `{code, message}` with what WeChat's client shows instead. */
  router.post('/pay', async (ctx) => {
    const { openid, miniProgramAppId, ...given } = readWith(PayBody, await readJson(ctx))
    try {
      const bringUp = readBringUp(miniProgramAppId === undefined ? given : { ...given, appId: miniProgramAppId })
      const trade = checkBringUp(bringUp, openid, dependencies)
      ctx.body = {
        state: 'sheet',
        prepayId: trade.prepayId,
        merchant: merchants.find(trade.mchid)?.name ?? trade.mchid,
        description: trade.description,
        amountFen: trade.totalFen,
        outTradeNo: trade.outTradeNo,
      }
    } catch (cause) {
      if (!(cause instanceof BringUpError)) throw cause
      refusals.add('getBrandWCPayRequest', `${cause.code} ${cause.message}`, cause.reason)
      throw new ControlProblem(cause.status, cause.code, cause.message)
    }
  })

  /** The payer's choice at the sheet: `{errMsg}` is what the page hears. */
  router.post('/confirm', async (ctx) => {
    const { prepayId, choice } = readWith(ConfirmBody, await readJson(ctx))
    const trade = dependencies.ledger.byPrepay(prepayId)
    if (!trade) throw new ControlProblem(404, 'unknown', 'WeChat knows no such prepay id')
    settle(trade, choice, dependencies)
    ctx.body = { errMsg: `get_brand_wcpay_request:${choice.split('-')[0] ?? ''}` }
  })

  /** Defines WeixinJSBridge on a page, for browser tests: see README.md. */
  router.get('/client.js', (ctx) => {
    ctx.type = 'text/javascript; charset=utf-8'
    ctx.set('Cache-Control', 'no-cache')
    ctx.body = clientScript.replace("'__MOCK__'", JSON.stringify(`${ctx.protocol}://${ctx.host}`))
  })

  return router
}

function settle(trade: Trade, choice: Choice, { ledger, payer, faults }: BridgeDependencies): void {
  if (choice === 'ok-although-unpaid') return
  if (choice === 'ok-without-notice') faults.order({ on: 'notice', kind: 'drop', outTradeNo: trade.outTradeNo })
  const decline = choice === 'cancel' ? 'cancelled' : choice === 'fail' ? 'no-funds' : undefined
  const done = decline === undefined ? payer.pay(trade) : ledger.decline(trade, decline)
  if (!done.ok) throw new ControlProblem(409, done.standing, `the trade is ${done.standing}`)
}
