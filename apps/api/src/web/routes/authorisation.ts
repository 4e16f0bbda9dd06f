import Router, { type RouterContext } from '@koa/router'
import type { AccountCommands } from '../../commands/accountCommands.ts'
import { callbackPath } from '../../commands/beginAuthorisation.ts'
import type { AuthorisationProblem } from '../../commands/finishAuthorisation.ts'
import type { Config } from '../../config.ts'
import { payerSessionMs } from '../../domain/payer.ts'
import type { Logger } from '../../support/logger.ts'
import type { Metrics } from '../../support/metrics.ts'
import { cookieOf, setCookie } from '../cookies.ts'
import { addressGroup, clientAddress } from '../middleware/clientAddress.ts'
import { payerCookie } from '../payer.ts'
import { RequestError } from '../requestErrors.ts'
import { readReturnPath } from '../returnPath.ts'
import type { RequestState } from '../state.ts'
import { sendAuthorisationPage } from './authorisationPage.ts'

export interface AuthorisationRoutesDeps {
  config: Pick<Config, 'trustedProxies' | 'publicUrl'>
  authorisation: NonNullable<AccountCommands['authorisation']>
  metrics: Pick<Metrics, 'account'>
  logger: Pick<Logger, 'info' | 'warn'>
}

type Context = RouterContext<RequestState>

export const startPath = '/wechat/oauth/start'

/** Binds a state to the browser that it was made for. */
const browserCookie = 'wxpay_browser'
/** This browser was sent to WeChat lately: whatever came of it, it is not sent again by itself. */
export const askedCookie = 'wxpay_asked'

const browserCookieMs = 600_000
export const askedCookieMs = 600_000

/** Web authorisation: the page goes to WeChat, comes back with a code, and goes on to the clean address as somebody WeChat knows. */
export function authorisationRoutes({ config, authorisation, metrics, logger }: AuthorisationRoutesDeps): Router<RequestState> {
  const router = new Router<RequestState>()
  const https = config.publicUrl.startsWith('https:')

  router.get(startPath, async (ctx) => {
    const returnPath = readReturnPath(valueOf(ctx, 'return') ?? '/')
    if (returnPath === null) {
      throw new RequestError('invalid_request', {
        problems: [{ param: 'query.return', code: 'invalid', message: 'must be the path of a page here' }],
      })
    }
    const address = addressGroup(clientAddress(ctx.req, config.trustedProxies))
    const begun = await authorisation.begin({ returnPath, browser: cookieOf(ctx, browserCookie), clientAddress: address })
    if (!begun) return void refuse(ctx, 'too-many', returnPath)
    setCookie(ctx, { name: browserCookie, value: begun.browser, path: '/wechat/oauth', maxAgeMs: browserCookieMs, https })
    setCookie(ctx, { name: askedCookie, value: '1', path: '/', maxAgeMs: askedCookieMs, https })
    ctx.redirect(begun.url)
  })

  router.get(callbackPath, async (ctx) => {
    const [state, code] = [valueOf(ctx, 'state'), valueOf(ctx, 'code')]
    // Not what WeChat sends, or the payer has declined: then there is no code.
    if (state === null || code === null || !/^[A-Za-z0-9]{1,128}$/.test(state) || !/^[\x21-\x7e]{1,512}$/.test(code)) {
      return void refuse(ctx, 'unknown', null)
    }
    const finished = await authorisation.finish({ state, code, browser: cookieOf(ctx, browserCookie) })
    if (!finished.known) return void refuse(ctx, finished.problem, finished.returnPath)
    metrics.account({ kind: 'authorisation', result: 'accepted', reason: '' })
    setCookie(ctx, { name: payerCookie, value: finished.token, path: '/', maxAgeMs: payerSessionMs, https })
    setCookie(ctx, { name: askedCookie, value: '', path: '/', maxAgeMs: 0, https })
    ctx.redirect(finished.returnPath)
  })

  function refuse(ctx: Context, problem: AuthorisationProblem | 'too-many', returnPath: string | null): void {
    metrics.account({ kind: 'authorisation', result: 'refused', reason: problem })
    logger[problem === 'settings' ? 'warn' : 'info']({ requestId: ctx.state.requestId, problem }, 'authorisation refused')
    sendAuthorisationPage(ctx, problem, `${startPath}?return=${encodeURIComponent(returnPath ?? '/')}`)
  }

  return router
}

/** Once, or not at all. */
function valueOf(ctx: Context, name: string): string | null {
  const value = ctx.query[name]
  return typeof value === 'string' ? value : null
}
