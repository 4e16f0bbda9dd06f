import { CheckoutError } from './errors.ts'

export class OrderNotFoundError extends CheckoutError {
  override readonly name = 'OrderNotFoundError'
  readonly code = 'order_not_found'
}

/** The bill is known, and no file of it is here: not yet, or there was nothing to tell. */
export class BillFileNotFoundError extends CheckoutError {
  override readonly name = 'BillFileNotFoundError'
  readonly code = 'bill_file_not_found'
}
