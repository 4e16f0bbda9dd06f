/** The addresses of the HTTP API for shoppers, built in one place for server, pages and tests. */
export const routes = {
  checkouts: '/v1/checkouts',
  checkout: (token: string) => `/v1/checkouts/${encodeURIComponent(token)}`,
  checkoutStatus: (token: string) => `/v1/checkouts/${encodeURIComponent(token)}/status`,
  checkoutPayments: (token: string) => `/v1/checkouts/${encodeURIComponent(token)}/payments`,
  checkoutExtend: (token: string) => `/v1/checkouts/${encodeURIComponent(token)}/extend`,
  checkoutCancel: (token: string) => `/v1/checkouts/${encodeURIComponent(token)}/cancel`,
  shop: '/v1/shop',
} as const

export const idempotencyKeyHeader = 'Idempotency-Key'
export const idempotencyReplayedHeader = 'Idempotency-Replayed'
