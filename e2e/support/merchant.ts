import { CheckoutView, routes } from 'wxpay-core/contract'
import type { CheckoutPage } from './checkoutPage.ts'

/** What the shop's own server says about an order. It is never asked for the code: phones read pixels. */
export type OrderState = Omit<CheckoutView, 'action'>

export type Merchant = ReturnType<typeof createMerchant>

export function createMerchant(shopUrl: string) {
  return {
    async orderOn({ path }: Pick<CheckoutPage, 'path'>): Promise<OrderState> {
      const token = path.split('/').at(-1) ?? ''
      const response = await fetch(shopUrl + routes.checkout(token))
      const { action: _unread, ...state } = CheckoutView.parse(await response.json())
      return state
    },
  }
}
