import { LRUCache } from 'lru-cache'
import type { Checkout } from '../domain/order.ts'
import type { Clock } from '../support/clock.ts'
import { createReadQueue } from './readQueue.ts'
import { createSnapshots } from './snapshots.ts'
import { createWaitingPolls } from './waitingPolls.ts'

/** What the hub is told by the connection that listens to the database. */
export interface ChangeHandlers {
  onChange(token: string): void
  /** Changes may be missed from now on. */
  onDown(): void
  /** Changes are heard again; those in between were missed. */
  onUp(): void
}

export interface StatusHubOptions {
  /** @throws {CheckoutNotFoundError} */
  readCheckout(token: string): Promise<Checkout>
  /** Begins to listen and returns how to stop. Nothing counts as heard before onUp. */
  subscribe(handlers: ChangeHandlers): () => Promise<void>
  clock: Clock
  maxWaiters: number
  /** How often waiters' orders are read while changes are not heard, in milliseconds. */
  recheckMs?: number
}

/** Where status answers come from: memory while the database tells of changes, the database itself while it does not (R24). */
export interface StatusHub {
  /** @throws {CheckoutNotFoundError} and {TooManyReadsError} */
  current(token: string): Promise<Checkout>
  /**
   * Answers at once when the order has another version than this; else when it changes, when the wait is over, when the caller
   * is gone or when the hub closes. At the cap of waiters it answers at once.
   *
   * @throws {CheckoutNotFoundError} and {TooManyReadsError}
   */
  waitForChange(token: string, version: number, waitMs: number, signal: AbortSignal): Promise<Checkout>
  invalidate(token: string): void
  /** Orders that someone looks at now, or did in the last 30 s. */
  watchedTokens(): string[]
  waiterCount(): number
  isListening(): boolean
  /** Answers every held poll at once (R26) and stops listening. */
  close(): Promise<void>
}

const watchedMs = 30_000
/** More than one process serves: 15,000 held polls and as many pages again between two of them. */
const maxWatched = 30_000
/** Half of the connections that are shared: creates and jobs keep theirs, however many tokens are asked for (R25). */
const readWidth = 6
/** Pages that come back at once after a restart, each for its own order: a few seconds of reads. */
const maxReadsWaiting = 10_000
/** Fewer than readWidth: when many waiters must look at once, those who ask get their turn too. */
const recheckWidth = 4

export function createStatusHub({ readCheckout, subscribe, clock, maxWaiters, recheckMs = 1000 }: StatusHubOptions): StatusHub {
  const reads = createReadQueue({ width: readWidth, maxWaiting: maxReadsWaiting })
  const snapshots = createSnapshots({ readCheckout: (token, wish) => reads.run(() => readCheckout(token), wish) })
  const polls = createWaitingPolls()
  const watched = new LRUCache<string, true>({
    max: maxWatched,
    ttl: watchedMs,
    ttlResolution: 0,
    perf: { now: () => clock.now().getTime() },
  })
  const due = new Set<string>()
  const failed = new Set<string>()
  let rechecking = false
  let closed = false

  /** Never rejects: nobody waits for it. */
  async function answerWaiters(token: string): Promise<void> {
    try {
      polls.answer(token, await snapshots.read(token, { urgent: true }))
    } catch {
      failed.add(token) // the database is away; they keep waiting, and the next round looks again
    }
  }

  async function recheck(tokens: Iterable<string>): Promise<void> {
    for (const token of tokens) due.add(token)
    if (rechecking) return
    rechecking = true
    const lane = async () => {
      for (const token of due) {
        due.delete(token)
        if (polls.has(token)) await answerWaiters(token)
      }
    }
    try {
      await Promise.all(Array.from({ length: recheckWidth }, lane))
    } finally {
      rechecking = false
    }
  }

  const rounds = setInterval(() => {
    const tokens = snapshots.isKeeping() ? [...failed] : polls.tokens()
    failed.clear()
    void recheck(tokens)
  }, recheckMs).unref()

  function invalidate(token: string): void {
    snapshots.drop(token)
    if (polls.has(token)) void answerWaiters(token)
  }

  async function waitForChange(token: string, version: number, waitMs: number, signal: AbortSignal): Promise<Checkout> {
    let seen = await snapshots.readAtLeast(token, version)
    watched.set(token, true)
    // A change that came during the read has dropped the snapshot: look again rather than sleep through it.
    while (seen.order.version === version && snapshots.isKeeping() && !snapshots.isKept(token, seen)) seen = await snapshots.read(token)
    if (seen.order.version !== version || waitMs <= 0 || closed || signal.aborted || polls.count() >= maxWaiters) return seen
    const end = await polls.wait({ token, version, waitMs, signal })
    watched.set(token, true)
    if (end === 'sent-home') return seen
    return end === 'time-over' ? snapshots.read(token) : end
  }

  const unsubscribe = subscribe({
    onChange: invalidate,
    onDown: () => snapshots.setKeeping(false),
    onUp() {
      snapshots.setKeeping(true)
      void recheck(polls.tokens())
    },
  })

  return {
    async current(token) {
      const checkout = await snapshots.read(token)
      watched.set(token, true)
      return checkout
    },
    waitForChange,
    invalidate,
    watchedTokens() {
      watched.purgeStale()
      return [...new Set([...polls.tokens(), ...watched.keys()])]
    },
    waiterCount: polls.count,
    isListening: snapshots.isKeeping,
    async close() {
      closed = true
      clearInterval(rounds)
      polls.answerAll()
      await unsubscribe()
    },
  }
}
