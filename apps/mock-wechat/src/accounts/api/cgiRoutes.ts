import Router from '@koa/router'
import { z } from 'zod'
import type { WechatSide } from '../wechatSide.ts'
import { ApiError } from './apiError.ts'
import { admit, findAccount, present, requireGrantType, requireListed } from './checks.ts'
import { sendError, serveApi, type ApiCall, type Endpoint } from './serve.ts'

const endpoints: readonly Endpoint[] = [
  { method: 'GET', path: '/cgi-bin/token', answer: token },
  { method: 'POST', path: '/cgi-bin/stable_token', answer: stableToken },
  { method: 'GET', path: '/cgi-bin/ticket/getticket', answer: getTicket },
]

/** What is not here is 40066, as an unknown path is at WeChat. Its payment pages live under another part of /cgi-bin. */
export function cgiRoutes(wechat: WechatSide): Router {
  const router = new Router()
  serveApi(router, endpoints, wechat)
  router.all('/cgi-bin/{*rest}', (ctx, next) => {
    if (ctx.path.startsWith('/cgi-bin/mmpayweb-bin/')) return next()
    return void sendError(ctx, new ApiError(40066, 'not an address of this mock'), wechat)
  })
  return router
}

/** @see https://developers.weixin.qq.com/doc/offiaccount/Basic_Information/Get_access_token.html */
function token({ query, ip }: ApiCall, { accounts, cgiTokens }: WechatSide): object {
  const [appid, secret] = [present(query, 'appid', 41002), present(query, 'secret', 41004)]
  requireGrantType(query.get('grant_type'), 'client_credential')
  requireListed(admit(accounts, { appid, secret }), ip)
  return cgiTokens.plain(appid)
}

const StableTokenBody = z.object({
  grant_type: z.string().default(''),
  appid: z.string().default(''),
  secret: z.string().default(''),
  force_refresh: z.boolean().default(false),
})

/** @see https://developers.weixin.qq.com/doc/offiaccount/Basic_Information/getStableAccessToken.html */
function stableToken({ body, ip }: ApiCall, { accounts, cgiTokens }: WechatSide): object {
  const { grant_type: grantType, appid, secret, force_refresh: force } = readStableTokenBody(body)
  if (appid === '') throw new ApiError(41002, 'appid is required')
  if (secret === '') throw new ApiError(41004, 'secret is required')
  requireGrantType(grantType, 'client_credential')
  requireListed(admit(accounts, { appid, secret }), ip)
  return cgiTokens.stable(appid, force)
}

function readStableTokenBody(body: Buffer): z.output<typeof StableTokenBody> {
  if (body.length === 0) throw new ApiError(44002, 'the body is empty: the parameters go there as JSON, not into the address')
  const parsed = StableTokenBody.safeParse(parseJson(body))
  if (!parsed.success) throw new ApiError(47001, `wrong type: ${parsed.error.issues.map(({ path }) => path.join('.')).join(', ')}`)
  return parsed.data
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new ApiError(47001, 'the body is not JSON')
  }
}

/** @see https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/JS-SDK.html appendix 1 */
function getTicket({ query, ip }: ApiCall, wechat: WechatSide): object {
  const accessToken = present(query, 'access_token', 41001)
  if (wechat.snsTokens.knows(accessToken)) throw new ApiError(40014, 'an access_token of web authorisation does not serve here')
  const appid = wechat.cgiTokens.check(accessToken)
  const account = findAccount(wechat.accounts, appid)
  requireListed(account, ip)
  const type = query.get('type')
  if (type !== 'jsapi' && type !== 'wx_card') throw new ApiError(40097, 'type must be jsapi or wx_card')
  if (account.kind !== 'official-account') throw new ApiError(48001, 'a mini program has no tickets')
  return { errcode: 0, errmsg: 'ok', ...wechat.tickets.take(appid, type) }
}
