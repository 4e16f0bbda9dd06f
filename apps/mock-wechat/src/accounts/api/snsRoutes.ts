import Router from '@koa/router'
import { randomBytes } from 'node:crypto'
import { people, unionidOf } from '../people.ts'
import type { WechatSide } from '../wechatSide.ts'
import { ApiError } from './apiError.ts'
import { admit, findAccount, present, requireGrantType } from './checks.ts'
import type { Grant } from './codes.ts'
import { sendError, serveApi, type ApiCall, type Endpoint } from './serve.ts'

const endpoints: readonly Endpoint[] = [
  { method: 'GET', path: '/sns/oauth2/access_token', answer: accessToken },
  { method: 'GET', path: '/sns/oauth2/refresh_token', answer: refreshToken },
  { method: 'GET', path: '/sns/userinfo', answer: userinfo },
  { method: 'GET', path: '/sns/auth', answer: auth },
  { method: 'GET', path: '/sns/jscode2session', answer: jscode2session },
]
/** code2Session: 100 a minute and user. */
const loginsPerMinute = 100

export function snsRoutes(wechat: WechatSide): Router {
  const router = new Router()
  serveApi(router, endpoints, wechat)
  router.all('/sns/{*rest}', (ctx) => sendError(ctx, new ApiError(40066, 'not an address of this mock'), wechat))
  return router
}

/** @see https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/Wechat_webpage_authorization.html */
function accessToken({ query }: ApiCall, wechat: WechatSide): object {
  const [appid, secret, code] = [present(query, 'appid', 41002), present(query, 'secret', 41004), present(query, 'code', 41008)]
  requireGrantType(query.get('grant_type'), 'authorization_code')
  admit(wechat.accounts, { appid, secret })
  const grant = wechat.codes.redeem(code, { appid, from: 'web' })
  const answer = wechat.snsTokens.start(grant)
  return {
    ...answer,
    ...(grant.snapshot ? { is_snapshotuser: 1 } : {}),
    ...(grant.scope === 'snsapi_userinfo' ? unionid(grant, wechat) : {}),
  }
}

function refreshToken({ query }: ApiCall, { accounts, snsTokens }: WechatSide): object {
  const [appid, token] = [present(query, 'appid', 41002), present(query, 'refresh_token', 41003)]
  requireGrantType(query.get('grant_type'), 'refresh_token')
  findAccount(accounts, appid)
  return snsTokens.renew(token, appid)
}

/** Sex and region are empty for everybody since 2021-10-20. */
function userinfo({ query, origin }: ApiCall, wechat: WechatSide): object {
  const [token, openid] = [present(query, 'access_token', 41001), present(query, 'openid', 41009)]
  const grant = wechat.snsTokens.check(token, openid)
  if (grant.scope !== 'snsapi_userinfo') throw new ApiError(48001, 'the code was asked for with snsapi_base')
  const nickname = people.find(({ id }) => id === grant.personId)?.nickname ?? ''
  const place = { sex: 0, province: '', city: '', country: '' }
  return { openid, nickname, ...place, headimgurl: `${origin}/phone/icon.svg`, privilege: [], ...unionid(grant, wechat) }
}

function auth({ query }: ApiCall, { snsTokens }: WechatSide): object {
  snsTokens.check(present(query, 'access_token', 41001), present(query, 'openid', 41009))
  return { errcode: 0, errmsg: 'ok' }
}

/** @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-login/code2Session.html */
function jscode2session({ query }: ApiCall, wechat: WechatSide): object {
  const [appid, secret, code] = [present(query, 'appid', 41002), present(query, 'secret', 41004), present(query, 'js_code', 41008)]
  requireGrantType(query.get('grant_type'), 'authorization_code')
  admit(wechat.accounts, { appid, secret })
  const grant = wechat.codes.redeem(code, { appid, from: 'login' })
  if (!wechat.quota.minuteAllows(`login ${grant.openid}`, loginsPerMinute))
    throw new ApiError(45011, 'more than 100 logins of this user in a minute')
  return { session_key: randomBytes(16).toString('base64'), openid: grant.openid, ...unionid(grant, wechat) }
}

function unionid({ appid, personId }: Grant, { accounts }: WechatSide): { unionid?: string } {
  const mchid = accounts.find(appid)?.owner.mchid
  return mchid === undefined ? {} : { unionid: unionidOf(personId, mchid) }
}
