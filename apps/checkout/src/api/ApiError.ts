import type { CheckoutView } from 'wxpay-core/contract'

export interface ApiErrorDetails {
  /** The HTTP status, or null when no answer came. */
  readonly status: number | null
  /** From the error table of the contract; 'no_answer' when none came, 'unreadable_answer' when it was not ours. */
  readonly code: string
  readonly requestId: string | null
  readonly retryAfterMs: number | null
  /** A 409 about an order tells how the order stands. */
  readonly view: CheckoutView | null
}

/** A request to our API that was not answered with a 2xx. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly details: ApiErrorDetails

  constructor(details: ApiErrorDetails, cause?: unknown) {
    super(`${details.code} (${details.status ?? 'no answer'})`, { cause })
    this.details = details
  }

  /** The outcome is unknown or the server asked to come back: the same request, with the same key, is right to repeat. */
  get mayRepeat(): boolean {
    const { status, code } = this.details
    return status === null || status >= 500 || status === 429 || code === 'request_in_progress'
  }
}

/** Whatever was thrown, as an ApiError: what is not one already is an answer that could not be read. */
export function asApiError(cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause
  return new ApiError({ status: null, code: 'unreadable_answer', requestId: null, retryAfterMs: null, view: null }, cause)
}
