import { LRUCache } from 'lru-cache'
import type { Checkout } from '../domain/order.ts'

/** A few more than the polls that one process holds, so that waiting orders do not push each other out. */
const maxKept = 20_000
/** Should a change ever go unheard, nobody is told the old state for longer than this. */
const maxAgeMs = 60_000
/** A page may know more than we do for as long as a change is on its way to us. A snapshot younger than this is not read again for that. */
const trustedMs = 100

interface Snapshot {
  checkout: Checkout
  readAtMs: number
}

export interface SnapshotsOptions {
  /** @param wish.urgent - someone waits for just this change */
  readCheckout(token: string, wish: { urgent: boolean }): Promise<Checkout>
  /** Monotonic, in milliseconds. */
  monotonicMs?: () => number
}

/**
 * The last known state of orders. While changes are heard a snapshot is kept until its order changes; while they are not, nothing is.
 * Readers of one order at the same time share one read, but never one that began before a change that we know of.
 */
export function createSnapshots({ readCheckout, monotonicMs = () => performance.now() }: SnapshotsOptions) {
  const kept = new LRUCache<string, Snapshot>({ max: maxKept, ttl: maxAgeMs, ttlResolution: 0, perf: { now: monotonicMs } })
  const underWay = new Map<string, Promise<Checkout>>()
  let keeping = false

  async function read(token: string, { urgent = false } = {}): Promise<Checkout> {
    return kept.get(token)?.checkout ?? underWay.get(token) ?? load(token, urgent)
  }

  function load(token: string, urgent: boolean): Promise<Checkout> {
    const readAtMs = monotonicMs()
    /** @returns false when a change came while it was read: what was read may be older than the change */
    const finish = (): boolean => underWay.get(token) === reading && underWay.delete(token)
    const reading = readCheckout(token, { urgent }).then(
      (checkout) => {
        if (finish() && keeping) kept.set(token, { checkout, readAtMs }, { start: readAtMs })
        return checkout
      },
      (error: unknown) => {
        finish()
        throw error
      },
    )
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
      if (snapshot && snapshot.checkout.order.version < version && monotonicMs() - snapshot.readAtMs > trustedMs) drop(token)
      return read(token)
    },
  }
}
