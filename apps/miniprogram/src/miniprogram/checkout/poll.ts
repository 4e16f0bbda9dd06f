import { backOffMs } from '../support/backOff'
import { createPause } from '../support/pause'
import type { Refusal } from './api'

/** One request of the poll. */
export interface Question {
  /** How long the server was asked to hold it; 0 when it answers at once. */
  holdMs: number
  /** Sends it, and hands over what ends it early. */
  ask(onStart: (abort: () => void) => void): Promise<{ ok: true; isNews: boolean } | { ok: false; refusal: Refusal }>
}

export interface PollOptions {
  /** What to ask next; null when everything is known. */
  next(): Question | null
  onAnswer(): void
  /** Asking goes on, unless this makes next() return null. */
  onRefusal(refusal: Refusal): void
  now?: () => number
  random?: () => number
}

/** An unchanged answer this much earlier than asked for is still "held": clocks and timers are not exact. */
const earlyMs = 1_000

/**
 * Asks again and again, one request at a time, until there is nothing more to ask. The next one starts when the last one ended; after a
 * failure it backs off. An unchanged answer that came sooner than asked for counts as a failure too: a server at its limits answers at once.
 */
export function createPoll({ next, onAnswer, onRefusal, now = Date.now, random = Math.random }: PollOptions) {
  const pause = createPause()
  /** Rises with every end: what an older round still hears is not told. */
  let round = 0
  let running = false
  let abort: (() => void) | null = null
  let failures = 0
  /** The server asked for patience until then. */
  let notBefore = 0

  async function run(): Promise<void> {
    const mine = round
    running = true
    const earlyBy = notBefore - now()
    if (earlyBy > 0) await pause.sleep(earlyBy)
    for (let question = next(); question && mine === round; question = next()) {
      const pauseMs = await ask(question, mine)
      if (pauseMs > 0 && mine === round) await pause.sleep(pauseMs)
    }
    if (mine === round) running = false
  }

  /** @returns how long to wait before the next one, in milliseconds */
  async function ask({ holdMs, ask: send }: Question, mine: number): Promise<number> {
    const startedAt = now()
    const answer = await send((end) => {
      abort = end
    })
    if (mine !== round) return 0
    abort = null
    if (!answer.ok) {
      const { retryAfterMs } = answer.refusal
      notBefore = now() + (retryAfterMs ?? 0)
      onRefusal(answer.refusal)
      return backOffMs(++failures, random(), retryAfterMs)
    }
    onAnswer()
    const wasHeld = holdMs > 0 && now() - startedAt >= holdMs - earlyMs
    if (!answer.isNews && !wasHeld) return backOffMs(++failures, random())
    failures = 0
    return 0
  }

  function stop(): void {
    round++
    running = false
    abort?.()
    abort = null
    pause.wake()
  }

  return {
    /** Begins, or goes on when there is something to ask again. */
    start(): void {
      if (!running) void run()
    },
    /** Asks at once, unless the server asked for patience: a pause ends, and a request that may hang on a dead connection is begun anew. */
    askNow(): void {
      stop()
      void run()
    },
    stop,
  }
}
