import { IdempotencyKeyReusedError } from '../domain/errors.ts'
import type { Database, Tx } from './database.ts'
import type { IdempotentRequest, SavedAnswer, StoredAnswer } from './savedAnswer.ts'

/**
 * `new`: ours to carry out. `resumed`: an earlier try ended without an answer; go on with its order and payment.
 * `busy`: another is carrying it out. `replay`: done before.
 */
export type ClaimedKey =
  | { state: 'new' }
  | { state: 'resumed'; orderId: string | null; paymentId: string | null }
  | { state: 'busy' }
  | { state: 'replay'; answer: SavedAnswer }

/**
 * Takes a key for one caller at a time. The caller whose lease has run out is taken for dead.
 *
 * @param leaseMs - null: equal requests are carried out side by side, nobody is `busy`. (A lease of no length would do that for one clock
 *   only: who waits for the row has read the time before who wrote it.)
 * @throws IdempotencyKeyReusedError
 */
export async function claimKey(
  tx: Tx,
  request: IdempotentRequest,
  { now, leaseMs }: { now: Date; leaseMs: number | null },
): Promise<ClaimedKey> {
  const { scope, key, fingerprint } = request
  const leaseUntil = new Date(now.getTime() + (leaseMs ?? 0))
  const inserted = await tx
    .insertInto('idempotency_keys')
    .values({ scope, key, fingerprint, lease_until: leaseUntil, created_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning('key')
    .executeTakeFirst()
  if (inserted) return { state: 'new' }
  const row = await tx
    .selectFrom('idempotency_keys')
    .selectAll()
    .where('scope', '=', scope)
    .where('key', '=', key)
    .forUpdate()
    .executeTakeFirst()
  if (!row) return { state: 'busy' }
  if (row.fingerprint !== fingerprint) throw new IdempotencyKeyReusedError('the key was used with other parameters')
  if (row.answer) return { state: 'replay', answer: agedAnswer(row.answer, now) }
  const resumed = { state: 'resumed', orderId: row.order_id, paymentId: row.payment_id } as const
  if (leaseMs === null) return resumed
  if (row.lease_until > now) return { state: 'busy' }
  await tx.updateTable('idempotency_keys').set({ lease_until: leaseUntil }).where('scope', '=', scope).where('key', '=', key).execute()
  return resumed
}

/**
 * Takes a key for a request that is over when this transaction is: no other can meet it half done.
 *
 * @returns the refund that an equal request has made, or undefined when this one is the first
 * @throws IdempotencyKeyReusedError
 */
export async function claimRefundKey(tx: Tx, { scope, key, fingerprint }: IdempotentRequest, now: Date): Promise<string | undefined> {
  const inserted = await tx
    .insertInto('idempotency_keys')
    .values({ scope, key, fingerprint, lease_until: now, created_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning('key')
    .executeTakeFirst()
  if (inserted) return undefined
  const row = await tx
    .selectFrom('idempotency_keys')
    .selectAll()
    .where('scope', '=', scope)
    .where('key', '=', key)
    .executeTakeFirstOrThrow()
  if (row.fingerprint !== fingerprint || row.refund_id === null)
    throw new IdempotencyKeyReusedError('the key was used with other parameters')
  return row.refund_id
}

export async function tieRefundKey(tx: Tx, { scope, key }: IdempotentRequest, refundId: string): Promise<void> {
  await tx.updateTable('idempotency_keys').set({ refund_id: refundId }).where('scope', '=', scope).where('key', '=', key).execute()
}

/** Ties the key to what it made, in the transaction that makes it: a later try goes on from there. */
export async function tieKey(
  tx: Tx,
  { scope, key }: IdempotentRequest,
  made: { orderId: string; paymentId: string | null },
): Promise<void> {
  await tx
    .updateTable('idempotency_keys')
    .set({ order_id: made.orderId, payment_id: made.paymentId })
    .where('scope', '=', scope)
    .where('key', '=', key)
    .execute()
}

/** A countdown has gone on since the answer was saved; nothing else of it changes. */
function agedAnswer({ savedAt, ...answer }: StoredAnswer, now: Date): SavedAnswer {
  const { remainingMs } = answer.view
  if (remainingMs === null) return answer
  const left = Math.max(0, remainingMs - (now.getTime() - Date.parse(savedAt)))
  return { ...answer, view: { ...answer.view, remainingMs: left } }
}

export async function saveAnswer(
  db: Database,
  { scope, key }: IdempotentRequest,
  { answer, now }: { answer: SavedAnswer; now: Date },
): Promise<void> {
  const stored: StoredAnswer = { ...answer, savedAt: now.toISOString() }
  await db
    .updateTable('idempotency_keys')
    .set({ answer: JSON.stringify(stored) })
    .where('scope', '=', scope)
    .where('key', '=', key)
    .where('answer', 'is', null)
    .execute()
}

/** After a failure: the next equal request may go on at once. */
export async function releaseKey(db: Database, { scope, key }: IdempotentRequest, now: Date): Promise<void> {
  await db
    .updateTable('idempotency_keys')
    .set({ lease_until: now })
    .where('scope', '=', scope)
    .where('key', '=', key)
    .where('answer', 'is', null)
    .execute()
}

export async function countKeysOf(tx: Tx, orderId: string): Promise<number> {
  const { count } = await tx
    .selectFrom('idempotency_keys')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('order_id', '=', orderId)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Few enough that a statement takes a moment only. */
const forgetAtOnce = 5_000

export async function forgetKeys(db: Database, createdBefore: Date): Promise<void> {
  for (;;) {
    const old = db.selectFrom('idempotency_keys').select(['scope', 'key']).where('created_at', '<', createdBefore).limit(forgetAtOnce)
    const { numDeletedRows } = await db
      .deleteFrom('idempotency_keys')
      .where(({ eb, refTuple }) => eb(refTuple('scope', 'key'), 'in', old.$asTuple('scope', 'key')))
      .executeTakeFirst()
    if (numDeletedRows < BigInt(forgetAtOnce)) return
  }
}
