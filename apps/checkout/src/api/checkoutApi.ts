import axios, { type AxiosRequestConfig, type AxiosResponse } from 'axios'
import type { CheckoutStatus, CheckoutView, OpenCheckoutBody, ShopView, StartPaymentBody, TradeType } from 'wxpay-core/contract'
import { idempotencyKeyHeader, routes } from 'wxpay-core/contract/routes'
import { ApiError } from './ApiError.ts'
import { readError, readShop, readStatus, readView } from './readAnswer.ts'

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

/** Longer than the server's own patience with WeChat, after which it answers "preparing". */
const answerWithinMs = 20_000

const http = axios.create({ timeout: answerWithinMs, headers: { Accept: 'application/json' }, validateStatus: () => true })

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

async function ask(request: AxiosRequestConfig): Promise<unknown> {
  const response = await send(request)
  if (response.status >= 200 && response.status < 300) return response.data
  const error = readError(response.data)
  throw new ApiError({
    status: response.status,
    code: error?.code ?? 'unreadable_answer',
    requestId: error?.requestId ?? null,
    retryAfterMs: readRetryAfter(response),
    view: error?.view ?? null,
  })
}

async function send(request: AxiosRequestConfig): Promise<AxiosResponse<unknown>> {
  try {
    return await http.request<unknown>(request)
  } catch (cause) {
    throw new ApiError({ status: null, code: 'no_answer', requestId: null, retryAfterMs: null, view: null }, cause)
  }
}

/** Our server sends whole seconds. */
function readRetryAfter(response: AxiosResponse<unknown>): number | null {
  const seconds: unknown = response.headers['retry-after']
  return typeof seconds === 'string' && /^\d{1,5}$/.test(seconds) ? Number(seconds) * 1000 : null
}
