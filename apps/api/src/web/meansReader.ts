import type { IncomingHttpHeaders } from 'node:http'
import type { TradeType } from 'wxpay-core/contract'
import type { AccountCommands } from '../commands/accountCommands.ts'
import type { Config } from '../config.ts'
import type { Device, Means } from '../domain/means.ts'
import { isInsideWechat } from './insideWechat.ts'
import { payerAddress } from './middleware/clientAddress.ts'
import { bearerOf, type FindPayer } from './payer.ts'
import { RequestError } from './requestErrors.ts'
import type { AppContext } from './state.ts'

export interface MeansReader {
  /** What this merchant's settings allow; without what could never become payable for the one who asks. */
  offeredTo(headers: IncomingHttpHeaders): readonly TradeType[]
  /**
   * How the caller is to pay: the trade type is their choice, who and where they are is not.
   *
   * @throws {RequestError} trade_type_not_enabled; payer_unknown. Nothing is stored then
   */
  read(ctx: AppContext, tradeType: TradeType): Promise<Means>
}

interface MeansReaderDeps {
  config: Pick<Config, 'trustedProxies' | 'h5'>
  accounts: Pick<AccountCommands, 'authorisation' | 'miniProgram'>
  findPayer: FindPayer
}

export function createMeansReader({ config, accounts, findPayer }: MeansReaderDeps): MeansReader {
  const { authorisation, miniProgram } = accounts
  const inWechat = authorisation !== null || miniProgram !== null
  const enabled: readonly TradeType[] = ['native', ...(inWechat ? ['jsapi' as const] : []), ...(config.h5 ? ['h5' as const] : [])]
  const addressOf = (ctx: AppContext) => payerAddress(ctx.req, config.trustedProxies)

  async function byJsapi(ctx: AppContext): Promise<Means> {
    // A browser can only become known by the official account, a mini program only by its login.
    const whereKnown = bearerOf(ctx.headers.authorization) === null ? authorisation : miniProgram
    if (whereKnown === null) throw notEnabled(enabled)
    const payer = await findPayer(ctx)
    if (payer === null) throw new RequestError('payer_unknown')
    return { tradeType: 'jsapi', payer: { appId: payer.appId, openId: payer.openId }, address: addressOf(ctx) }
  }

  return {
    offeredTo(headers) {
      // Who pays here is told by the official account alone: a mini program's login does not help a page.
      const neverKnown = authorisation === null && isInsideWechat(headers)
      return neverKnown ? enabled.filter((way) => way !== 'jsapi') : enabled
    },
    async read(ctx, tradeType) {
      if (!enabled.includes(tradeType)) throw notEnabled(enabled)
      switch (tradeType) {
        case 'native':
          return { tradeType }
        case 'jsapi':
          return byJsapi(ctx)
        case 'h5':
          return { tradeType, device: deviceOf(ctx.headers), address: addressOf(ctx) }
      }
    },
  }
}

function notEnabled(enabled: readonly TradeType[]): RequestError {
  const message = `is not enabled for this caller; this merchant has: ${enabled.join(', ')}`
  return new RequestError('trade_type_not_enabled', { problems: [{ param: 'tradeType', code: 'not_enabled', message }] })
}

/** The three that WeChat knows (scene_info.h5_info.type). */
function deviceOf({ 'user-agent': userAgent = '' }: IncomingHttpHeaders): Device {
  if (/iPhone|iPad|iPod/i.test(userAgent)) return 'iOS'
  return /Android/i.test(userAgent) ? 'Android' : 'Wap'
}
