import { computed, type ComputedRef, type Ref } from 'vue'
import type { TradeType } from 'wxpay-core/contract'
import type { CheckoutState } from '../checkout/state.ts'
import { waysToPay } from '../checkout/ways.ts'
import { deviceOf } from '../support/device.ts'
import { useShop } from './useShop.ts'

/** The ways of paying that may be offered here and now, the best first; empty when this merchant has none for this device. */
export function useWays(state: Readonly<Ref<CheckoutState>>): ComputedRef<readonly TradeType[]> {
  const { shop } = useShop()
  const device = deviceOf(navigator.userAgent)
  return computed(() => {
    const { fallback, view } = state.value
    // Until the shop is known: what it has made already, and a code.
    const enabled = shop.value?.tradeTypes ?? ['native', view?.action?.tradeType ?? 'native']
    const ways = waysToPay(device, enabled)
    return fallback === null ? ways : ways.filter((way) => way === 'native')
  })
}
