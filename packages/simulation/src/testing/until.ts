import { setTimeout as delay } from 'node:timers/promises'

const betweenProbesMs = 100

export interface Patience {
  /** What is waited for, as it stands in the error. */
  what: () => string
  /** Generous: it only bounds a wait that would never end. */
  giveUpMs: number
}

/** Asks until there is an answer other than undefined. A probe that throws is over. @throws {Error} after giveUpMs */
export async function until<T>(probe: () => Promise<T | undefined>, { what, giveUpMs }: Patience): Promise<T> {
  const giveUpAt = performance.now() + giveUpMs
  for (;;) {
    const found = await probe()
    if (found !== undefined) return found
    if (performance.now() > giveUpAt) throw new Error(`gave up after ${giveUpMs / 1000} s waiting for ${what()}`)
    await delay(betweenProbesMs)
  }
}
