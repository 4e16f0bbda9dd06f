import Router from '@koa/router'
import { routes, type JsSdkView } from 'wxpay-core/contract'
import { z } from 'zod'
import type { JsSdkConfig } from '../../commands/signJsSdkPage.ts'
import type { Config } from '../../config.ts'
import { CredentialUnavailableError } from '../../officialAccount/accountTokens.ts'
import { retryAfterSeconds } from '../errorAnswers.ts'
import { readRequest } from '../readRequest.ts'
import { RequestError } from '../requestErrors.ts'
import type { RequestState } from '../state.ts'

export interface JsSdkRoutesDeps {
  config: Pick<Config, 'publicUrl'>
  /** null: there is no official account. */
  signPage: ((url: string) => Promise<JsSdkConfig>) | null
}

/** What a page gives to wx.config. Only for pages of ours: the signature lets a page speak to WeChat in the account's name. */
export function jsSdkRoutes({ config, signPage }: JsSdkRoutesDeps): Router<RequestState> {
  const router = new Router<RequestState>()
  const url = z
    .string()
    .max(2048)
    .refine((text) => URL.parse(text)?.origin === config.publicUrl, 'must be the address of a page here, as the address bar has it')
  const JsSdkRequest = z.object({ query: z.strictObject({ url }) })

  router.get(routes.jsSdk, async (ctx) => {
    const { query } = await readRequest(ctx, JsSdkRequest)
    if (signPage === null) throw new RequestError('trade_type_not_enabled')
    try {
      ctx.body = (await signPage(query.url)) satisfies JsSdkView
    } catch (error) {
      if (error instanceof CredentialUnavailableError) throw new RequestError('service_unavailable', { headers: retryAfterSeconds(30) })
      throw error
    }
  })

  return router
}
