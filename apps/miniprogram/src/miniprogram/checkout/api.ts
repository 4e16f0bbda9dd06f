import { request, type HttpAnswer, type HttpRequest } from '../support/request'
import { readError, readLogin, readOrder, readShop, readStatus, type Order, type OrderStatus, type Shop } from './answers'

/** A request that was not answered with a 2xx. */
export interface Refusal {
  /** The HTTP status, or null when no answer came. */
  readonly status: number | null
  /** From the contract's table of errors, or 'no_answer', 'unreadable_answer', 'no_login_code'. */
  readonly code: string
  readonly requestId: string | null
  readonly retryAfterMs: number | null
  readonly order: Order | null
}

/** Told apart by `ok`: an error class of its own does not survive every compiler setting of the developer tool. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal }

/** The outcome is unknown (a proxy's or a hotel's page is not the server's word), or the server asked to come back: the same request, with the same key, is right to repeat. */
export function mayRepeat({ status, code }: Refusal): boolean {
  return status === null || status >= 500 || status === 429 || code === 'request_in_progress' || code === 'unreadable_answer'
}

export interface StatusWish {
  /** What the page has already. */
  version: number
  /** How long the server may hold the request, in seconds. */
  waitSeconds: number
}

export interface CheckoutApi {
  fetchShop(): Promise<Answer<Shop>>
  fetchOrder(token: string, onStart?: HttpRequest['onStart']): Promise<Answer<Order>>
  fetchStatus(token: string, wish: StatusWish, onStart: NonNullable<HttpRequest['onStart']>): Promise<Answer<OrderStatus>>
  openCheckout(amountFen: number, key: string): Promise<Answer<Order>>
  startPayment(token: string, key: string): Promise<Answer<Order>>
  cancel(token: string): Promise<Answer<Order>>
}

/** Longer than the server's own patience with WeChat, after which it answers "preparing". */
const answerWithinMs = 20_000
/** A held request may take this much longer than it is held. */
const graceMs = 5_000

export interface ApiOptions {
  apiUrl: string
  /** wx.login's code; null when WeChat gives none. */
  loginCode(): Promise<string | null>
}

/** The checkout's HTTP API. Who pays is known to the server by a login token, which lives in memory only: a new start logs in anew. */
export function createApi({ apiUrl, loginCode }: ApiOptions): CheckoutApi {
  let loginToken: string | null = null

  async function ask<T>(path: string, read: (data: unknown) => T, wish: Partial<HttpRequest> = {}): Promise<Answer<T>> {
    const answer = await request({ url: apiUrl + path, method: 'GET', timeoutMs: answerWithinMs, ...wish })
    if (!answer) return refused('no_answer')
    try {
      if (answer.statusCode >= 200 && answer.statusCode < 300) return { ok: true, value: read(answer.data) }
      return { ok: false, refusal: refusalOf(answer) }
    } catch {
      return refused('unreadable_answer', answer.statusCode)
    }
  }

  /** A token that the server does not know (any more) is renewed once. */
  async function askAsPayer<T>(path: string, read: (data: unknown) => T, wish: Partial<HttpRequest> = {}): Promise<Answer<T>> {
    const used = loginToken ?? (await login())
    if (typeof used !== 'string') return used
    const asked = await ask(path, read, { ...wish, headers: { ...wish.headers, authorization: `Bearer ${used}` } })
    if (asked.ok || asked.refusal.status !== 401) return asked
    if (loginToken === used) loginToken = null
    const renewed = loginToken ?? (await login())
    if (typeof renewed !== 'string') return renewed
    return ask(path, read, { ...wish, headers: { ...wish.headers, authorization: `Bearer ${renewed}` } })
  }

  async function login(): Promise<string | { ok: false; refusal: Refusal }> {
    const code = await loginCode()
    if (code === null) return refused('no_login_code')
    const answer = await ask('/v1/miniprogram/login', readLogin, { method: 'POST', body: { code } })
    if (!answer.ok) return answer
    loginToken = answer.value.token
    return loginToken
  }

  const checkout = (token: string) => `/v1/checkouts/${encodeURIComponent(token)}`
  const tradeType = 'jsapi'

  return {
    fetchShop: () => ask('/v1/shop', readShop),
    fetchOrder: (token, onStart) => askAsPayer(checkout(token), readOrder, onStart ? { onStart } : {}),
    fetchStatus: (token, { version, waitSeconds }, onStart) =>
      ask(`${checkout(token)}/status?version=${version}&wait=${waitSeconds}`, readStatus, {
        timeoutMs: waitSeconds * 1000 + graceMs,
        onStart,
      }),
    openCheckout: (amountFen, key) =>
      askAsPayer('/v1/checkouts', readOrder, { method: 'POST', body: { amountFen, tradeType }, headers: { 'idempotency-key': key } }),
    startPayment: (token, key) =>
      askAsPayer(`${checkout(token)}/payments`, readOrder, { method: 'POST', body: { tradeType }, headers: { 'idempotency-key': key } }),
    cancel: (token) => ask(`${checkout(token)}/cancel`, readOrder, { method: 'POST' }),
  }
}

function refused(code: string, status: number | null = null): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { status, code, requestId: null, retryAfterMs: null, order: null } }
}

function refusalOf({ statusCode, data, headers }: HttpAnswer): Refusal {
  const error = readError(data)
  const retryAfter = headers['retry-after'] ?? ''
  return {
    status: statusCode,
    code: error?.code ?? 'unreadable_answer',
    requestId: error?.requestId ?? null,
    // Our server sends whole seconds.
    retryAfterMs: /^\d{1,5}$/.test(retryAfter) ? Number(retryAfter) * 1000 : null,
    order: error?.order ?? null,
  }
}
