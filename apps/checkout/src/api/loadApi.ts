import { ApiError } from './ApiError.ts'
import type { CheckoutApi } from './checkoutApi.ts'

/** axios and the readers of answers come after the first paint; a lost chunk is a lost request, and is asked for again. */
export async function loadApi(): Promise<CheckoutApi> {
  try {
    return (await import('./checkoutApi.ts')).checkoutApi
  } catch (cause) {
    throw new ApiError({ status: null, code: 'no_answer', requestId: null, retryAfterMs: null, view: null }, cause)
  }
}
