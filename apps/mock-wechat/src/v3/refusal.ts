/** The object under `detail` of an error, as WeChat writes it. */
export type ErrorDetail = Record<string, unknown>

interface Refusal {
  status: number
  code: string
  message: string
  detail?: ErrorDetail
  /** Plain English for the developer, shown by GET /_control/refusals. */
  reason?: string
  /** WeChat's internal code, the number at the end of Request-ID. */
  internal?: number
}

/** A 4xx or 5xx: never signed. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number
  readonly code: string
  readonly detail: ErrorDetail | undefined
  readonly reason: string
  readonly internal: number

  constructor({ status, code, message, detail, reason = message, internal = unknownInternal }: Refusal) {
    super(message)
    this.status = status
    this.code = code
    this.detail = detail
    this.reason = reason
    this.internal = internal
  }

  /** Keys in the order of captured answers. */
  body(): Record<string, unknown> {
    return { code: this.code, ...(this.detail && { detail: this.detail }), message: this.message }
  }
}

/** Ours, for refusals whose internal code nobody has published. */
const unknownInternal = 1

/** Internal codes as merchants have seen them. */
export const internalCodes = {
  illegalParameter: 268435461,
  extraParameter: 270924358,
  signature: 268443699,
  rate: 268447840,
  otherMerchant: 268447843,
  closed: 268447914,
  paid: 268449538,
  reentry: 268498688,
  appid: 268445527,
  noOrder: 268512771,
}

/** @see https://pay.weixin.qq.com/doc/v3/merchant/4012081703 */
export const orderNotExist = () =>
  new Refused({ status: 404, code: 'ORDER_NOT_EXIST', message: '订单不存在', internal: internalCodes.noOrder })

/** Spelling and status are not in WeChat's current tables: the code is a switch. */
export const orderPaid = (code: 'ORDERPAID' | 'ORDER_PAID', reason?: string) =>
  new Refused({ status: 400, code, message: '该订单已支付', internal: internalCodes.paid, ...(reason !== undefined && { reason }) })
