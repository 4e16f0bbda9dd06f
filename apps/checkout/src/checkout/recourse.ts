import type { TradeType } from 'wxpay-core/contract'
import { routes } from 'wxpay-core/contract/routes'
import type { ApiError } from '../api/ApiError.ts'
import type { Fallback } from './state.ts'

/** What can be done about a refusal without asking the shopper: say who they are in WeChat, or pay by a code after all; else null. */
export type Recourse = 'ask-who' | Fallback

/** @param wasAskedWho - they were sent to WeChat before, in this tab, and are still unknown */
export function recourseFor(error: ApiError, way: TradeType, wasAskedWho: boolean): Recourse | null {
  if (way === 'native') return null
  switch (error.details.code) {
    case 'payer_unknown':
      return wasAskedWho ? 'payer-unknown' : 'ask-who'
    case 'trade_type_not_enabled':
      return 'not-enabled'
    default:
      return null
  }
}

/** Through WeChat's web authorisation and back to this page. The address keeps what the server takes: a path, and a query. */
export function askWhoAddress({ pathname, search }: Pick<Location, 'pathname' | 'search'>): string {
  return routes.authorisation(pathname + search)
}
