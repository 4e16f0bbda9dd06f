import { setTimeout as delay } from 'node:timers/promises'
import { RequestInProgressError } from '../../domain/errors.ts'
import type { OrderStore } from '../../storage/changeOrder.ts'
import type { Tx } from '../../storage/database.ts'
import { claimKey, releaseKey, saveAnswer, type ClaimedKey } from '../../storage/idempotencyKeys.ts'
import type { IdempotentRequest, SavedAnswer } from '../../storage/savedAnswer.ts'
import type { Answered } from '../commands.ts'

/** How long an equal request waits for the first. */
const patienceMs = 10_000

export type Ours<Begun> = { state: 'new'; begun: Begun } | { state: 'resumed'; orderId: string | null; paymentId: string | null }

export interface OncePerKey<Begun> {
  request: IdempotentRequest
  /** Longer than the request may take. A caller that is not through by then is taken for dead. */
  leaseMs: number
  /** Runs in the transaction that takes a new key: what it writes is there exactly when the key is. */
  begin: (tx: Tx) => Promise<Begun>
  /** Does the rest, outside of that transaction. May run again for the same key after a crash or a failure. */
  finish: (ours: Ours<Begun>) => Promise<SavedAnswer>
}

/** Carries a request out once per key and replays its answer to equal ones (rule R1). Only answers are saved, never failures. */
export async function oncePerKey<Begun>(store: OrderStore, { request, leaseMs, begin, finish }: OncePerKey<Begun>): Promise<Answered> {
  const claimed = await claimPatiently(store, { request, leaseMs, begin })
  if (claimed.state === 'replay') return { answer: claimed.answer, replayed: true }
  try {
    const answer = await finish(claimed)
    await saveAnswer(store.db, request, { answer, now: store.clock.now() })
    return { answer, replayed: false }
  } catch (error) {
    await releaseKey(store.db, request, store.clock.now())
    throw error
  }
}

type Claimed<Begun> = Ours<Begun> | Extract<ClaimedKey, { state: 'replay' }>

async function claimPatiently<Begun>(
  store: OrderStore,
  { request, leaseMs, begin }: Omit<OncePerKey<Begun>, 'finish'>,
): Promise<Claimed<Begun>> {
  const started = performance.now()
  for (let pauseMs = 25; ; pauseMs = Math.min(pauseMs * 2, 250)) {
    const claimed = await store.db.transaction().execute(async (tx) => {
      const key = await claimKey(tx, request, { now: store.clock.now(), leaseMs })
      return key.state === 'new' ? { state: 'new' as const, begun: await begin(tx) } : key
    })
    if (claimed.state !== 'busy') return claimed
    if (performance.now() - started >= patienceMs) throw new RequestInProgressError('an equal request is still under way')
    await delay(pauseMs)
  }
}
