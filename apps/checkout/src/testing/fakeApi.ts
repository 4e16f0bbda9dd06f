import { vi } from 'vitest'
import type { CheckoutStatus } from 'wxpay-core/contract'
import { ApiError } from '../api/ApiError.ts'
import type { CheckoutApi } from '../api/checkoutApi.ts'

/** A server that answers as a test tells it; a status request is held until answerStatus, or until it is aborted. */
export function fakeApi() {
  let answerHeld: ((answer: CheckoutStatus | ApiError) => void) | undefined

  const fetchStatus = vi.fn<CheckoutApi['fetchStatus']>(
    (_token, { signal }) =>
      new Promise((resolve, reject) => {
        answerHeld = (answer) => {
          if (answer instanceof ApiError) reject(answer)
          else resolve(answer)
        }
        signal.addEventListener('abort', () =>
          reject(new ApiError({ status: null, code: 'no_answer', requestId: null, retryAfterMs: null, view: null })),
        )
      }),
  )
  const api = {
    fetchShop: vi.fn<CheckoutApi['fetchShop']>(),
    fetchCheckout: vi.fn<CheckoutApi['fetchCheckout']>(),
    fetchStatus,
    openCheckout: vi.fn<CheckoutApi['openCheckout']>(),
    startPayment: vi.fn<CheckoutApi['startPayment']>(),
    extend: vi.fn<CheckoutApi['extend']>(),
    cancel: vi.fn<CheckoutApi['cancel']>(),
  }
  return { api, ...api, answerStatus: (answer: CheckoutStatus | ApiError) => answerHeld?.(answer) }
}
