import { errorTable, isErrorCode, type CheckoutView, type ErrorBody, type ErrorCode, type Problem } from 'wxpay-core/contract'
import { CheckoutError, RequestInProgressError, TooManyCheckoutsError } from '../domain/errors.ts'
import type { PayerId } from '../domain/means.ts'
import { presentCheckout } from '../presenters/presentCheckout.ts'
import { TooManyReadsError } from '../status/readQueue.ts'
import { isDatabaseAway } from './databaseAway.ts'
import { RequestError } from './requestErrors.ts'

export interface ErrorAnswer {
  code: ErrorCode
  headers: Readonly<Record<string, string>>
  problems?: readonly Problem[] | undefined
  /** The order as it is, beside a 409. */
  view?: CheckoutView | undefined
}

/** What a caller is told of an error: by its class, never by its text. What nobody foresaw is internal_error. */
export function answerToError(error: unknown, now: Date, viewer: PayerId | null = null): ErrorAnswer {
  if (error instanceof RequestError) return { code: error.code, headers: error.headers, problems: error.problems }
  if (error instanceof CheckoutError && isErrorCode(error.code)) {
    return { code: error.code, headers: retryAfter(error), view: error.checkout && presentCheckout(error.checkout, now, viewer) }
  }
  if (error instanceof TooManyReadsError) return { code: 'service_unavailable', headers: retryAfterSeconds(error.retryAfterSeconds) }
  if (isDatabaseAway(error)) return { code: 'service_unavailable', headers: retryAfterSeconds(2) }
  return { code: codeOfHttpError(error), headers: {} }
}

export function errorBody(answer: ErrorAnswer, requestId: string): ErrorBody & { view?: CheckoutView } {
  const { code, problems, view } = answer
  const error = { code, message: errorTable[code].message, requestId, ...(problems ? { problems: [...problems] } : {}) }
  return view ? { error, view } : { error }
}

export function retryAfterSeconds(seconds: number): Record<string, string> {
  return { 'Retry-After': String(Math.max(1, Math.ceil(seconds))) }
}

function retryAfter(error: CheckoutError): Record<string, string> {
  if (error instanceof TooManyCheckoutsError || error instanceof RequestInProgressError) return retryAfterSeconds(error.retryAfterSeconds)
  return {}
}

/** Koa and the router throw errors with a status for requests that they cannot read, such as a broken percent-encoding. */
function codeOfHttpError(error: unknown): ErrorCode {
  const status = error instanceof Error && 'status' in error ? error.status : 500
  return typeof status === 'number' && status >= 400 && status < 500 ? 'invalid_request' : 'internal_error'
}
