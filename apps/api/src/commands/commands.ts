import type { PaymentNotice, RefundNotice } from 'wxpay-core/protocol'
import type { Fen } from 'wxpay-core/money'
import type { Means } from '../domain/means.ts'
import type { Checkout } from '../domain/order.ts'
import type { Refund } from '../domain/refund.ts'
import type { IdempotentRequest, SavedAnswer } from '../storage/savedAnswer.ts'

export type { IdempotentRequest, SavedAnswer } from '../storage/savedAnswer.ts'

export interface Answered {
  answer: SavedAnswer
  /** True when it is the saved answer to an earlier equal request. */
  replayed: boolean
}

export interface OpenCheckoutInput {
  amountFen: Fen
  description: string
  means: Means
  /** What limits are counted by. */
  clientAddress: string
  request: IdempotentRequest
}

export interface StartPaymentInput {
  token: string
  means: Means
  request: IdempotentRequest
}

/** `closing`: the close is under way at WeChat, its outcome not known yet. */
export interface CancelResult {
  checkout: Checkout
  outcome: 'closed' | 'closing'
}

export interface RequestRefundInput {
  outTradeNo: string
  /** At least 1. */
  amountFen: Fen
  /** Shown to the payer, at most 80 UTF-8 bytes. */
  reason?: string | undefined
  request: IdempotentRequest
  source: 'operator'
}

export interface RequestedRefund {
  refund: Refund
  /** True when an earlier equal request has made it; `refund` is as it is now. */
  replayed: boolean
}

/**
 * `unknown-payment`: stored and alarmed; WeChat must send it again. `hint`: stored, nothing follows from it before WeChat has been asked.
 */
export type NoticeOutcome = 'applied' | 'repeat' | 'flagged' | 'hint' | 'unknown-payment'

/** Everything that the outside may ask for. Each owns its transactions; errors are those of domain/errors.ts. */
export interface Commands {
  openCheckout(input: OpenCheckoutInput): Promise<Answered>
  startPayment(input: StartPaymentInput): Promise<Answered>
  /** @throws OrderNotExtendableError */
  extendPayment(input: { token: string }): Promise<Checkout>
  /** @throws OrderNotCancellableError when WeChat says paid */
  cancelOrder(input: { token: string }): Promise<CancelResult>
  recordNotice(notice: PaymentNotice | RefundNotice): Promise<NoticeOutcome>
  /**
   * Stored with its number; the money moves in a task.
   *
   * @throws PaymentNotFoundError, PaymentNotPaidError, RefundExceedsPaymentError, RefundWindowOverError, TooManyRefundsError,
   * RefundsNotEnabledError, IdempotencyKeyReusedError
   */
  requestRefund(input: RequestRefundInput): Promise<RequestedRefund>
  /** @throws CheckoutNotFoundError */
  findCheckout(token: string): Promise<Checkout>
}
