import type { Logger } from 'pino'
import type { OrderStore } from '../storage/changeOrder.ts'
import { noteWatches } from '../storage/orderWatches.ts'
import { rearmQueries } from '../storage/paymentDuties.ts'

const everyMs = 3_000
/** A note outlives two flushes that fail. */
const watchedForMs = 10_000

/** Orders per transaction: a notice of one of them waits no longer than this takes. */
const chunk = 200

/**
 * Tells all processes every few seconds which orders somebody is looking at in this one: their payments are queried on
 * the short ladder. A few statements for all of them, so that polling stays free of writes.
 */
export function startWatchFlusher(
  store: OrderStore,
  { watchedTokens, logger }: { watchedTokens: () => string[]; logger: Logger },
): { stop(): Promise<void> } {
  let running: Promise<void> | undefined
  const timer = setInterval(() => {
    // A slow database is not given the next flush before it is through with this one.
    running ??= flush(store, watchedTokens())
      .catch((error: unknown) => {
        logger.warn({ err: error }, 'could not note which orders are watched')
      })
      .finally(() => {
        running = undefined
      })
  }, everyMs)
  return {
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}

export async function flush({ db, clock }: OrderStore, tokens: readonly string[]): Promise<void> {
  const now = clock.now()
  for (let start = 0; start < tokens.length; start += chunk) {
    await db.transaction().execute(async (tx) => {
      const fresh = await noteWatches(tx, tokens.slice(start, start + chunk), { now, until: new Date(now.getTime() + watchedForMs) })
      await rearmQueries(tx, fresh, now)
    })
  }
}
