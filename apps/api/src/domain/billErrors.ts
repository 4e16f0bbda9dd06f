import { CheckoutError } from './errors.ts'

/** Today's bill, or one of the future: WeChat makes it after the day. */
export class BillDayNotOverError extends CheckoutError {
  override readonly name = 'BillDayNotOverError'
  readonly code = 'bill_day_not_over'
}

export class BillTooOldError extends CheckoutError {
  override readonly name = 'BillTooOldError'
  readonly code = 'bill_too_old'
}

export class BillNotFoundError extends CheckoutError {
  override readonly name = 'BillNotFoundError'
  readonly code = 'bill_not_found'
}

export class DiscrepancyNotFoundError extends CheckoutError {
  override readonly name = 'DiscrepancyNotFoundError'
  readonly code = 'discrepancy_not_found'
}

export class DiscrepancyResolvedError extends CheckoutError {
  override readonly name = 'DiscrepancyResolvedError'
  readonly code = 'discrepancy_resolved'
}
