import Router from '@koa/router'
import type { Context } from 'koa'
import getRawBody from 'raw-body'
import { base62, randomText } from '../../support/random.ts'
import { findPerson, openidOf, type Person } from '../people.ts'
import type { WechatSide } from '../wechatSide.ts'
import { AuthorizationError, callbackAddress, ownPrefix, readAuthorization, type Authorization } from './authorization.ts'
import { consentPage, declinedPage, errorPage, outsidePage, twicePage } from './pages.ts'

const path = '/connect/oauth2/authorize'

/** The page at open.weixin.qq.com that gives an account its code. */
export function authorizeRoutes(wechat: WechatSide, merchantName: (mchid: string) => string): Router {
  const router = new Router()

  router.get(path, (ctx) =>
    answer(ctx, wechat, (authorization, person) => {
      if (authorization.scope === 'snsapi_base') return leave(ctx, wechat, authorization, person)
      const mchid = wechat.accounts.find(authorization.account.appid)?.owner.mchid ?? ''
      sendPage(ctx, consentPage(merchantName(mchid), person.nickname))
    }),
  )

  /** The buttons of the consent page. Who declines stays where he is: current clients do not send him back. */
  router.post(path, async (ctx) => {
    const form = new URLSearchParams(await getRawBody(ctx.req, { limit: 1024, encoding: 'utf8' }))
    answer(ctx, wechat, (authorization, person) => {
      if (form.get('decision') !== 'allow') return sendPage(ctx, declinedPage())
      leave(ctx, wechat, authorization, person)
    })
  })

  return router
}

/** Outside WeChat the page says so, whatever it was asked for. */
function answer(ctx: Context, wechat: WechatSide, act: (authorization: Authorization, person: Person) => void): void {
  if (!ctx.get('user-agent').includes('MicroMessenger')) return sendPage(ctx, outsidePage())
  try {
    const authorization = readAuthorization(ctx.querystring, wechat.accounts)
    const person = findPerson(authorization.account.appid, option(ctx, 'user'))
    if (!person) throw new AuthorizationError(null, '没有这个测试用户', 'mock_user is nobody: see users in GET /_control/merchants')
    act(authorization, person)
  } catch (cause) {
    if (!(cause instanceof AuthorizationError)) throw cause
    wechat.refusals.add(path, `${cause.code ?? ''} ${cause.message}`.trim(), cause.reason)
    sendPage(ctx, errorPage(cause.message, cause.code))
  }
}

function leave(ctx: Context, { codes }: WechatSide, authorization: Authorization, person: Person): void {
  const { appid } = authorization.account
  const snapshot = option(ctx, 'snapshot') === '1'
  const openid = snapshot ? `o${randomText(base62, 27)}` : openidOf(person.id, appid) // a snapshot visitor is somebody else every time
  const code = codes.issue({ appid, from: 'web', personId: person.id, openid, scope: authorization.scope, snapshot })
  const address = callbackAddress(authorization, code)
  const twice = option(ctx, 'twice')
  if (twice === undefined) return ctx.redirect(address)
  sendPage(ctx, twicePage(address, twice === 'at-once'))
}

/** A wish of the tester: `mock_user` and the like, in the address or as a cookie. */
const option = (ctx: Context, name: string): string | undefined =>
  new URLSearchParams(ctx.querystring).get(`${ownPrefix}${name}`) ?? ctx.cookies.get(`${ownPrefix}${name}`)

function sendPage(ctx: Context, html: string): void {
  ctx.status = 200
  ctx.type = 'text/html; charset=utf-8'
  ctx.set('Cache-Control', 'no-store')
  ctx.body = html
}
