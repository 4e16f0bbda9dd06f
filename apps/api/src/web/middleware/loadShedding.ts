import { retryAfterSeconds } from '../errorAnswers.ts'
import { RequestError } from '../requestErrors.ts'
import type { AppMiddleware } from '../state.ts'

export interface Budgets {
  /** Requests that are worked on at the same time. */
  ordinary: number
  /** Status requests at the same time, held ones included. */
  status: number
}

const statusAddress = /^\/v1\/checkouts\/[^/]+\/status$/

/**
 * Refuses what is too much before it costs memory (R25). Neither notices, which have a budget of
 * their own, nor the health routes come through here.
 */
export function loadShedding(budgets: Budgets): AppMiddleware {
  const inFlight = { ordinary: 0, status: 0 }
  return async (ctx, next) => {
    const kind = statusAddress.test(ctx.path) ? 'status' : 'ordinary'
    if (inFlight[kind] >= budgets[kind]) throw new RequestError('service_unavailable', { headers: retryAfterSeconds(2) })
    inFlight[kind]++
    try {
      await next()
    } finally {
      inFlight[kind]--
    }
  }
}
