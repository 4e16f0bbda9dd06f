import type { Checkout } from './order.ts'

/** The request is understood and the answer is no; nothing was changed. Told apart by class. */
export abstract class CheckoutError extends Error {
  abstract readonly code: string
  /** The order as it is, for answers that carry its view. */
  readonly checkout: Checkout | undefined

  constructor(message: string, checkout?: Checkout) {
    super(message)
    this.checkout = checkout
  }
}

export class CheckoutNotFoundError extends CheckoutError {
  override readonly name = 'CheckoutNotFoundError'
  readonly code = 'checkout_not_found'
}

export class ProductNotFoundError extends CheckoutError {
  override readonly name = 'ProductNotFoundError'
  readonly code = 'product_not_found'
}

export class OrderNotExtendableError extends CheckoutError {
  override readonly name = 'OrderNotExtendableError'
  readonly code = 'order_not_extendable'
}

export class OrderNotCancellableError extends CheckoutError {
  override readonly name = 'OrderNotCancellableError'
  readonly code = 'order_not_cancellable'
}

/** Anonymous creation is limited per address; `retryAfterSeconds` says when it may go on. */
export class TooManyCheckoutsError extends CheckoutError {
  override readonly name = 'TooManyCheckoutsError'
  readonly code: 'too_many_requests' | 'too_many_open_orders'
  readonly retryAfterSeconds: number

  constructor(code: 'too_many_requests' | 'too_many_open_orders', retryAfterSeconds: number) {
    super(code)
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** The key was used before with other parameters. */
export class IdempotencyKeyReusedError extends CheckoutError {
  override readonly name = 'IdempotencyKeyReusedError'
  readonly code = 'idempotency_key_reused'
}

/** An equal request is still under way after the longest wait. */
export class RequestInProgressError extends CheckoutError {
  override readonly name = 'RequestInProgressError'
  readonly code = 'request_in_progress'
  readonly retryAfterSeconds = 2
}
