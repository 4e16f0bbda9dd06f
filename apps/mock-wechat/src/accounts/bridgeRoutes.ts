import Router from '@koa/router'
import { loopbackPages, readJson } from '../control/guard.ts'
import { presentProblems, readWith } from '../control/problem.ts'
import { JsSdkBody } from './controlSchemas.ts'
import { checkJsSdkConfig } from './jsSdk.ts'
import type { WechatSide } from './wechatSide.ts'

/**
 * What WeChat's browser asks WeChat when a page uses its bridge. The page under test calls it, so pages of this machine may;
 * mounted before the rest of the control side, which answers no other page.
 */
export function bridgeRoutes(wechat: WechatSide): Router {
  const router = new Router({ prefix: '/_control/bridge' })
  router.use(presentProblems, loopbackPages)

  /** 200 `{errMsg: 'config:ok'}`, else 409 with WeChat's number as `code`. `signature` is checked against the newest ticket. */
  router.post('/config', async (ctx) => {
    const config = readWith(JsSdkBody, await readJson(ctx))
    const verdict = checkJsSdkConfig(config, wechat)
    if (verdict.ok) return void (ctx.body = { errMsg: 'config:ok' })
    const { errcode, errMsg, realAuthUrl, reason } = verdict
    wechat.refusals.add('wx.config', `${errcode} ${errMsg}`, reason)
    ctx.status = 409
    ctx.body = { code: errcode, message: errMsg, errMsg, realAuthUrl: [realAuthUrl] }
  })

  router.options('/{*rest}', (ctx) => void (ctx.status = 204))
  return router
}
