import type { TradeType } from 'wxpay-core/contract'
import { asksWhetherPaid, isForAnother, isPayable, liveAction } from './display.ts'
import type { CheckoutState } from './state.ts'

/** What stands in the middle of the dialog while a payment may be made; null for every sentence in its place. */
export type Stage = 'code' | 'in-wechat' | 'by-link' | 'offer' | 'have-you-paid' | null

/**
 * @param ways - what this device and this merchant can do, the best first
 * @param wantsCode - the shopper has chosen a code, although this device could do better
 */
export function stageOf(state: CheckoutState, ways: readonly TradeType[], wantsCode: boolean): Stage {
  if (asksWhetherPaid(state)) return 'have-you-paid'
  if (state.display === 'creating') return 'code'
  const action = liveAction(state)
  if (action === null) return isPayable(state) && isForAnother(state) ? 'offer' : null
  const best = ways[0] ?? 'native'
  if (action.tradeType === 'native') return best === 'native' || wantsCode ? 'code' : 'offer'
  if (!ways.includes(action.tradeType)) return 'offer' // begun on another device
  return action.tradeType === 'jsapi' ? 'in-wechat' : 'by-link'
}
