import { backOffMs } from '../support/backOff'
import { mayRepeat, type Answer, type Refusal } from './api'

export interface SendOptions<T> {
  /** Sends the very same request, with the same key, each time. */
  send(): Promise<Answer<T>>
  /** Told before each pause. */
  onTrouble(refusal: Refusal): void
  sleep(ms: number): Promise<void>
  /** False once nobody waits for the answer any more. */
  isWanted(): boolean
  random?: () => number
}

/** Over 16 s of pauses: long enough for a restart of the server, short enough to be told what is going on. */
const maxTries = 6

/** Repeats a request whose outcome is unknown until it is answered, finally refused, or patience is over. */
export async function sendUntilAnswered<T>({ send, onTrouble, sleep, isWanted, random = Math.random }: SendOptions<T>): Promise<Answer<T>> {
  for (let tries = 1; ; tries++) {
    const answer = await send()
    if (answer.ok || !mayRepeat(answer.refusal) || tries >= maxTries || !isWanted()) return answer
    onTrouble(answer.refusal)
    await sleep(backOffMs(tries, random(), answer.refusal.retryAfterMs))
    if (!isWanted()) return answer
  }
}
