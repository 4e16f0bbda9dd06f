import { ApiError } from './ApiError.ts'
import type { ProductsApi } from './productsApi.ts'

/** A lost chunk is a lost request, and is asked for again. */
export async function loadProductsApi(operatorToken: string): Promise<ProductsApi> {
  try {
    return (await import('./productsApi.ts')).productsApi(operatorToken)
  } catch (cause) {
    throw new ApiError({ status: null, code: 'no_answer', requestId: null, retryAfterMs: null, view: null }, cause)
  }
}
