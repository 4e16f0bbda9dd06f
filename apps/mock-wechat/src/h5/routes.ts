import Router from '@koa/router'
import type { Context } from 'koa'
import getRawBody from 'raw-body'
import type { Merchants } from '../merchants.ts'
import type { Payer } from '../payer.ts'
import type { Refusals } from '../refusals.ts'
import { h5Path } from './address.ts'
import { checkReturn, checkVisit, findTrade, H5Error, type H5Side } from './check.ts'
import { payPage, wordPage } from './pages.ts'
import type { Settler } from './settler.ts'

export interface H5Dependencies extends H5Side {
  merchants: Merchants
  payer: Payer
  settler: Settler
  refusals: Refusals
}

/** Between the return and the money, when the payer is back first: real milliseconds. `mock_settle_ms` in the address is another. */
const defaultSettleMs = 3_000
const longestSettleMs = 60_000

/** The page between a phone's browser and WeChat: it opens WeChat, and sends the payer back, paid or not. */
export function h5Routes(dependencies: H5Dependencies): Router {
  const { ledger, accounts, merchants, payer, settler } = dependencies
  const router = new Router()

  router.get(h5Path, (ctx) =>
    answer(ctx, dependencies, () => {
      const { trade, back } = checkVisit(readVisit(ctx), dependencies)
      const { description, outTradeNo, totalFen: amountFen, mchid } = trade
      send(ctx, payPage({ merchant: merchants.find(mchid)?.name ?? mchid, description, outTradeNo, amountFen, back }), back)
    }),
  )

  /** The payer's thumb. Whatever it does, the browser goes back. */
  router.post(h5Path, async (ctx) => {
    const form = new URLSearchParams(await getRawBody(ctx.req, { limit: 8192, encoding: 'utf8' }))
    answer(ctx, dependencies, () => {
      const trade = findTrade(new URLSearchParams(ctx.querystring), { ledger })
      const domains = dependencies.switches.h5Referer === 'any' ? anywhere(form) : (accounts.of(trade.mchid)?.h5Domains ?? null)
      const back = form.get('back') ? checkReturn(form.get('back') ?? '', domains) : null
      const decision = form.get('decision')
      const paid = decision === 'pay' && payer.pay(trade).ok
      if (decision === 'later') settler.payLater(trade, settleMs(ctx))
      if (decision === 'leave') ledger.decline(trade, 'cancelled')
      if (back === null) return send(ctx, wordPage(paid ? '支付成功' : '未支付', paid ? 'paid-now' : 'refused'), null)
      ctx.status = 303
      ctx.set('Location', back)
    })
  })

  return router
}

/** With the switch for it every page may start a payment, and is where the payer returns to. */
const anywhere = (form: URLSearchParams): string[] => [URL.parse(form.get('back') ?? '')?.host ?? '']

function settleMs(ctx: Context): number {
  const wish = new URLSearchParams(ctx.querystring).get('mock_settle_ms')
  return wish !== null && /^\d{1,5}$/.test(wish) ? Math.min(Number(wish), longestSettleMs) : defaultSettleMs
}

const readVisit = (ctx: Context) => ({
  parameters: new URLSearchParams(ctx.querystring),
  userAgent: ctx.get('user-agent'),
  referer: ctx.get('referer'),
  ip: ctx.req.socket.remoteAddress ?? '',
})

function answer(ctx: Context, { refusals }: H5Dependencies, act: () => void): void {
  try {
    act()
  } catch (cause) {
    if (!(cause instanceof H5Error)) throw cause
    refusals.add(h5Path, cause.message, cause.reason)
    send(ctx, wordPage(cause.message, 'refused'), null)
  }
}

/** A browser checks where a form leads after a redirect too, so that the way back is named. */
function send(ctx: Context, html: string, back: string | null): void {
  const target = back === null ? '' : ` ${new URL(back).origin}`
  ctx.status = 200
  ctx.type = 'text/html; charset=utf-8'
  ctx.set({
    'Content-Security-Policy': `default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'${target}; frame-ancestors 'none'`,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
  })
  ctx.body = html
}
