import { retryAfterSeconds } from './errorAnswers.ts'
import { RequestError } from './requestErrors.ts'

/** A budget of requests that are worked on at the same time: what is too much is refused before it costs memory (R25). */
export function refuseAbove(budget: number): (work: () => Promise<void>) => Promise<void> {
  let inFlight = 0
  return async (work) => {
    if (inFlight >= budget) throw new RequestError('service_unavailable', { headers: retryAfterSeconds(2) })
    inFlight++
    try {
      await work()
    } finally {
      inFlight--
    }
  }
}
