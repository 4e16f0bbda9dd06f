import { asApiError, type ApiError } from '../api/ApiError.ts'
import { backOffMs } from './backOff.ts'

export interface SendOptions<T> {
  /** Sends the very same request, with the same key, each time. */
  send(): Promise<T>
  /** Told before each pause. */
  onTrouble(error: ApiError): void
  sleep(ms: number): Promise<void>
  /** False once nobody waits for the answer any more. */
  isWanted(): boolean
  random?: () => number
}

/** Over 16 s of pauses: long enough for a restart of the server, short enough to be told what is going on. */
const maxTries = 6

/**
 * Repeats a request whose outcome is unknown until it is answered.
 *
 * @throws {ApiError} a final refusal, or the last failure when patience is over
 */
export async function sendUntilAnswered<T>({ send, onTrouble, sleep, isWanted, random = Math.random }: SendOptions<T>): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await send()
    } catch (cause) {
      const error = asApiError(cause)
      if (!error.mayRepeat || failures >= maxTries || !isWanted()) throw error
      onTrouble(error)
      await sleep(backOffMs(failures, random(), error.details.retryAfterMs))
      if (!isWanted()) throw error
    }
  }
}
