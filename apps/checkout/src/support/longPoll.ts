import { asApiError } from '../api/ApiError.ts'
import { backOffMs } from '../support/backOff.ts'
import { wakeableSleep } from '../support/wakeableSleep.ts'

/** One request of a poll. */
export interface Question {
  /** How long the server was asked to hold it; 0 when it answers at once. */
  holdMs: number
  /** Sends it. True when the answer told something new. */
  ask(signal: AbortSignal): Promise<boolean>
}

export interface LongPollOptions {
  /** What to ask next; null when everything is known. */
  next(): Question | null
  onAnswer(): void
  /** A lost or refused request; asking goes on, unless this makes next() return null. */
  onFailure(cause: unknown): void
  now?: () => number
  random?: () => number
}

/** The request may take this much longer than it is held before it is given up. */
const graceMs = 5_000
/** An unchanged answer this much earlier than asked for is still "held": clocks and timers are not exact. */
const earlyMs = 1_000
/** A request as young as this is as good as a new one. */
const freshMs = 1_000

/**
 * Asks again and again, one request at a time, until there is nothing more to ask. The next one starts when the last one ended; after a
 * failure it backs off. An unchanged answer that came sooner than asked for counts as a failure too: a server at its limits answers at once.
 */
export function createLongPoll(options: LongPollOptions) {
  const { next, onAnswer, onFailure, now = () => performance.now(), random = Math.random } = options
  const pause = wakeableSleep()
  let running = false
  let stopped = false
  let failures = 0
  let notBefore = 0
  let current: { controller: AbortController; startedAt: number } | null = null

  async function run(): Promise<void> {
    if (running) return
    running = true
    try {
      for (let question = next(); question && !stopped; question = next()) {
        const pauseMs = await ask(question)
        if (pauseMs > 0 && !isStopped()) await pause.sleep(pauseMs)
      }
    } finally {
      running = false
    }
  }

  /** @returns how long to wait before the next one, in milliseconds */
  async function ask({ holdMs, ask: send }: Question): Promise<number> {
    const controller = new AbortController()
    const startedAt = now()
    current = { controller, startedAt }
    const timer = setTimeout(() => controller.abort(new Error('the answer is overdue')), holdMs + graceMs)
    try {
      const isNews = await send(controller.signal)
      onAnswer()
      const wasHeld = holdMs > 0 && now() - startedAt >= holdMs - earlyMs
      if (!isNews && !wasHeld) return backOffMs(++failures, random())
      failures = 0
      return 0
    } catch (cause) {
      if (controller.signal.reason === askedAgain) return 0
      if (isStopped()) return 0
      onFailure(cause)
      const { retryAfterMs } = asApiError(cause).details
      notBefore = now() + (retryAfterMs ?? 0)
      return backOffMs(++failures, random(), retryAfterMs)
    } finally {
      clearTimeout(timer)
      current = null
    }
  }

  function isStopped(): boolean {
    return stopped
  }

  return {
    /** Begins, or goes on when there is something to ask again. */
    start: () => void run(),
    /**
     * Asks at once, unless the server asked for patience: a pause ends, and a request that may hang on a dead connection is begun anew.
     * `evenIfFresh`: what next() asks now is another question than the one under way.
     */
    askNow({ evenIfFresh = false } = {}): void {
      if (now() < notBefore) return
      pause.wake()
      if (current && (evenIfFresh || now() - current.startedAt >= freshMs)) current.controller.abort(askedAgain)
      void run()
    },
    stop(): void {
      stopped = true
      current?.controller.abort()
      pause.wake()
    },
  }
}

const askedAgain = 'asked again'
