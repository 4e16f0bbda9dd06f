import Router from '@koa/router'
import { LoginBody, routes, type LoginView } from 'wxpay-core/contract'
import { z } from 'zod'
import type { AccountCommands } from '../../commands/accountCommands.ts'
import type { MiniProgramLogin } from '../../commands/loginMiniProgram.ts'
import type { Config } from '../../config.ts'
import type { Metrics } from '../../support/metrics.ts'
import { retryAfterSeconds } from '../errorAnswers.ts'
import { addressGroup, clientAddress } from '../middleware/clientAddress.ts'
import { readRequest } from '../readRequest.ts'
import { RequestError } from '../requestErrors.ts'
import type { RequestState } from '../state.ts'

export interface MiniProgramRoutesDeps {
  config: Pick<Config, 'trustedProxies'>
  /** null: the merchant has no mini program. */
  miniProgram: AccountCommands['miniProgram']
  metrics: Pick<Metrics, 'account'>
}

const LoginRequest = z.object({ body: LoginBody })

/** The mini program's login: what wx.login gave → a token for `Authorization: Bearer`. */
export function miniProgramRoutes({ config, miniProgram, metrics }: MiniProgramRoutesDeps): Router<RequestState> {
  const router = new Router<RequestState>()

  router.post(routes.miniProgramLogin, async (ctx) => {
    const { body } = await readRequest(ctx, LoginRequest)
    if (miniProgram === null) throw new RequestError('trade_type_not_enabled')
    const address = addressGroup(clientAddress(ctx.req, config.trustedProxies))
    const login = await miniProgram.login({ code: body.code, clientAddress: address })
    metrics.account({ kind: 'login', result: login.outcome === 'known' ? 'accepted' : 'refused', reason: reasonOf(login) })
    if (login.outcome !== 'known') throw refusalOf(login)
    ctx.status = 201
    ctx.body = { token: login.token, expiresInMs: login.expiresInMs } satisfies LoginView
  })

  return router
}

function reasonOf(login: MiniProgramLogin): string {
  if (login.outcome === 'known') return ''
  return login.outcome === 'away' ? login.because : login.outcome
}

function refusalOf({ outcome }: Exclude<MiniProgramLogin, { outcome: 'known' }>): RequestError {
  switch (outcome) {
    case 'refused':
      return new RequestError('login_refused')
    case 'too-many':
      return new RequestError('too_many_requests', { headers: retryAfterSeconds(60) })
    case 'away':
      return new RequestError('service_unavailable', { headers: retryAfterSeconds(5) })
  }
}
