import { LRUCache } from 'lru-cache'
import type { Checkout } from '../domain/order.ts'

/** A few more than the polls that one process holds, so that waiting orders do not push each other out. */
const maxKept = 20_000
/** A page may know more than we do for as long as a change is on its way to us. A snapshot younger than this is not read again for that. */
const trustedMs = 100

interface Snapshot {
  checkout: Checkout
  /** performance.now() at the read. */
  readAt: number
}

/**
 * The last known state of orders. While changes are heard a snapshot is kept until its order changes; while they are not, nothing is.
 * Readers of one order at the same time share one read, but never one that began before a change that we know of.
 */
export function createSnapshots(readCheckout: (token: string) => Promise<Checkout>) {
  const kept = new LRUCache<string, Snapshot>({ max: maxKept })
  const underWay = new Map<string, Promise<Checkout>>()
  let keeping = false

  async function read(token: string): Promise<Checkout> {
    return kept.get(token)?.checkout ?? underWay.get(token) ?? load(token)
  }

  function load(token: string): Promise<Checkout> {
    const readAt = performance.now()
    const reading = readCheckout(token).then(
      (checkout) => {
        if (isCurrent() && keeping) kept.set(token, { checkout, readAt })
        return checkout
      },
      (error: unknown) => {
        isCurrent()
        throw error
      },
    )
    /** False when a change came while it was read: it may be older than the change. */
    const isCurrent = () => underWay.get(token) === reading && underWay.delete(token)
    underWay.set(token, reading)
    return reading
  }

  function drop(token: string): void {
    kept.delete(token)
    underWay.delete(token)
  }

  function setKeeping(on: boolean): void {
    keeping = on
    kept.clear()
    underWay.clear()
  }

  return {
    read,
    drop,
    setKeeping,
    isKeeping: () => keeping,
    isKept: (token: string, checkout: Checkout) => kept.peek(token)?.checkout === checkout,

    /** For someone who has seen this version elsewhere: what is kept may be behind. */
    async readAtLeast(token: string, version: number): Promise<Checkout> {
      const snapshot = kept.get(token)
      if (snapshot && snapshot.checkout.order.version < version && performance.now() - snapshot.readAt > trustedMs) drop(token)
      return read(token)
    },
  }
}
