import { setTimeout as delay } from 'node:timers/promises'

export interface RetryOptions {
  readonly longestDelayMs: number
  /** Called after each failure; what it throws ends the trying. `failures` counts from 1. */
  readonly onFailure: (error: unknown, failures: number) => void
  /** Ends the trying while it waits; the last failure is thrown. */
  readonly signal?: AbortSignal
}

const firstDelayMs = 50

/** Tries until it works, each time after twice the pause. */
export async function retry<T>(action: () => Promise<T>, { longestDelayMs, onFailure, signal }: RetryOptions): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await action()
    } catch (error) {
      onFailure(error, failures)
      const pauseMs = Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - 1))
      await delay(pauseMs, undefined, { ...(signal && { signal }) }).catch(() => undefined)
      if (signal?.aborted) throw error
    }
  }
}
