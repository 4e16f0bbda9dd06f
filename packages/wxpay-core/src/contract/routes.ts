/** The addresses of the HTTP API, built in one place for server, pages and tests. */
export const routes = {
  checkouts: '/v1/checkouts',
  checkout: (token: string) => `/v1/checkouts/${encodeURIComponent(token)}`,
  checkoutStatus: (token: string) => `/v1/checkouts/${encodeURIComponent(token)}/status`,
  checkoutPayments: (token: string) => `/v1/checkouts/${encodeURIComponent(token)}/payments`,
  checkoutExtend: (token: string) => `/v1/checkouts/${encodeURIComponent(token)}/extend`,
  checkoutCancel: (token: string) => `/v1/checkouts/${encodeURIComponent(token)}/cancel`,
  shop: '/v1/shop',
  miniProgramLogin: '/v1/miniprogram/login',
  /** Takes the address of the page as `url`, as the address bar has it. */
  jsSdk: '/v1/wechat/jssdk',
  /** Leads through WeChat and back. @param returnPath - of this origin, e.g. /pay/… */
  authorisation: (returnPath: string) => `/wechat/oauth/start?return=${encodeURIComponent(returnPath)}`,
  /** For the operator, as the products below. */
  products: '/v1/products',
  product: (productId: string) => `/v1/products/${encodeURIComponent(productId)}`,
  orders: '/v1/orders',
  order: (orderNo: string) => `/v1/orders/${encodeURIComponent(orderNo)}`,
  paymentRefunds: (outTradeNo: string) => `/v1/payments/${encodeURIComponent(outTradeNo)}/refunds`,
  refunds: '/v1/refunds',
  refund: (outRefundNo: string) => `/v1/refunds/${encodeURIComponent(outRefundNo)}`,
  events: '/v1/events',
  bills: '/v1/bills',
  billFile: (billId: string) => `/v1/bills/${encodeURIComponent(billId)}/file`,
  discrepancies: '/v1/discrepancies',
  discrepancyResolve: (discrepancyId: string) => `/v1/discrepancies/${encodeURIComponent(discrepancyId)}/resolve`,
  productCode: (productId: string) => `/v1/products/${encodeURIComponent(productId)}/code`,
} as const

export const idempotencyKeyHeader = 'Idempotency-Key'
export const idempotencyReplayedHeader = 'Idempotency-Replayed'
