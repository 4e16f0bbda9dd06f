import type { CheckoutStatus, CheckoutView, OpenCheckoutBody, ShopView, StartPaymentBody, TradeType } from 'wxpay-core/contract'
import { idempotencyKeyHeader, routes } from 'wxpay-core/contract/routes'
import { ask } from './http.ts'
import { readShop, readStatus, readView } from './readAnswer.ts'

export interface StatusWish {
  /** What the page has already. */
  version: number
  /** How long the server may hold the request, in seconds. */
  waitSeconds: number
  signal: AbortSignal
}

export interface CheckoutApi {
  fetchShop(): Promise<ShopView>
  fetchCheckout(token: string, signal: AbortSignal): Promise<CheckoutView>
  fetchStatus(token: string, wish: StatusWish): Promise<CheckoutStatus>
  openCheckout(body: OpenCheckoutBody, idempotencyKey: string): Promise<CheckoutView>
  startPayment(token: string, tradeType: TradeType, idempotencyKey: string): Promise<CheckoutView>
  extend(token: string): Promise<CheckoutView>
  cancel(token: string): Promise<CheckoutView>
}

/**
 * The HTTP API of this origin.
 *
 * @throws {ApiError} for every answer that is not a 2xx, and when none came
 */
export const checkoutApi: CheckoutApi = {
  fetchShop: async () => readShop(await ask({ url: routes.shop })),
  fetchCheckout: async (token, signal) => readView(await ask({ url: routes.checkout(token), signal })),
  fetchStatus: async (token, { version, waitSeconds, signal }) =>
    // The caller's signal ends it: the time-out is for answers that are not held.
    readStatus(await ask({ url: routes.checkoutStatus(token), params: { version, wait: waitSeconds }, signal, timeout: 0 })),
  openCheckout: async (body, key) => readView(await post(routes.checkouts, key, body)),
  startPayment: async (token, tradeType, key) => {
    const body: StartPaymentBody = { tradeType }
    return readView(await post(routes.checkoutPayments(token), key, body))
  },
  extend: async (token) => readView(await ask({ method: 'post', url: routes.checkoutExtend(token) })),
  cancel: async (token) => readView(await ask({ method: 'post', url: routes.checkoutCancel(token) })),
}

function post(url: string, idempotencyKey: string, data: OpenCheckoutBody | StartPaymentBody): Promise<unknown> {
  return ask({ method: 'post', url, data, headers: { [idempotencyKeyHeader]: idempotencyKey } })
}
