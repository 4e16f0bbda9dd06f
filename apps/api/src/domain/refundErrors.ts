import { CheckoutError } from './errors.ts'

export class PaymentNotFoundError extends CheckoutError {
  override readonly name = 'PaymentNotFoundError'
  readonly code = 'payment_not_found'
}

export class RefundNotFoundError extends CheckoutError {
  override readonly name = 'RefundNotFoundError'
  readonly code = 'refund_not_found'
}

export class PaymentNotPaidError extends CheckoutError {
  override readonly name = 'PaymentNotPaidError'
  readonly code = 'payment_not_paid'
}

/** More is asked for than is left of the payment. */
export class RefundExceedsPaymentError extends CheckoutError {
  override readonly name = 'RefundExceedsPaymentError'
  readonly code = 'refund_exceeds_payment'
}

/** WeChat refunds for a year after the payment. */
export class RefundWindowOverError extends CheckoutError {
  override readonly name = 'RefundWindowOverError'
  readonly code = 'refund_window_over'
}

/** WeChat takes 50 refunds of one payment. */
export class TooManyRefundsError extends CheckoutError {
  override readonly name = 'TooManyRefundsError'
  readonly code = 'too_many_refunds'
}

/** No protocol whose settings are there can refund. */
export class RefundsNotEnabledError extends CheckoutError {
  override readonly name = 'RefundsNotEnabledError'
  readonly code = 'refunds_not_enabled'
}
