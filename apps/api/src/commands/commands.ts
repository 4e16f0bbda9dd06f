import type { PaymentNotice } from 'wxpay-core/protocol'
import type { CheckoutView } from 'wxpay-core/contract'
import type { Fen } from 'wxpay-core/money'
import type { Checkout } from '../domain/order.ts'
import type { TradeType } from '../domain/payment.ts'

/** Made by the route from the request: equal keys with equal fingerprints are the same request. */
export interface IdempotentRequest {
  /** What the key is unique within, e.g. "POST /v1/checkouts". */
  scope: string
  key: string
  /** SHA-256 (hex) of the parsed parameters. */
  fingerprint: string
}

/** What is saved under the key and replayed; the route makes the HTTP answer of it. */
export interface SavedAnswer {
  status: 201 | 202 | 409
  /** Set with 409. */
  errorCode: 'order_not_payable' | null
  view: CheckoutView
}

export interface Answered {
  answer: SavedAnswer
  /** True when it is the saved answer to an earlier equal request. */
  replayed: boolean
}

export interface OpenCheckoutInput {
  amountFen: Fen
  description: string
  tradeType: TradeType
  clientAddress: string
  request: IdempotentRequest
}

export interface StartPaymentInput {
  token: string
  tradeType: TradeType
  request: IdempotentRequest
}

/** `closing`: the close is under way at WeChat, its outcome not known yet. */
export interface CancelResult {
  checkout: Checkout
  outcome: 'closed' | 'closing'
}

/** `unknown-payment`: stored and alarmed; WeChat must send it again. */
export type NoticeOutcome = 'applied' | 'repeat' | 'flagged' | 'unknown-payment'

/** Everything that the outside may ask for. Each owns its transactions; errors are those of domain/errors.ts. */
export interface Commands {
  openCheckout(input: OpenCheckoutInput): Promise<Answered>
  startPayment(input: StartPaymentInput): Promise<Answered>
  /** @throws OrderNotExtendableError */
  extendPayment(input: { token: string }): Promise<Checkout>
  /** @throws OrderNotCancellableError when WeChat says paid */
  cancelOrder(input: { token: string }): Promise<CancelResult>
  recordNotice(notice: PaymentNotice): Promise<NoticeOutcome>
  /** @throws CheckoutNotFoundError */
  findCheckout(token: string): Promise<Checkout>
}
