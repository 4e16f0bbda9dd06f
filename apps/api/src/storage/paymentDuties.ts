import { sql } from 'kysely'
import type { PaymentStatus } from '../domain/payment.ts'
import type { QueryHistory } from '../domain/queryLadder.ts'
import type { Database, Tx } from './database.ts'
import type { Turn } from './queues.ts'

/** What jobs do for a payment, each with the moment of its next turn. */
export type Duty = 'prepare' | 'query' | 'close'

const columns = { prepare: 'next_prepare_at', query: 'next_query_at', close: 'next_close_at' } as const

const queues = { prepare: 'prepare-payment', query: 'query-payment', close: 'close-payment' } as const

/** The job for a turn that has been set on the payment. */
export function turnJob<Of extends Duty>(
  duty: Of,
  outTradeNo: string,
  at: Date,
): { name: (typeof queues)[Of]; data: Turn; startAfter: Date } {
  return { name: queues[duty], data: { outTradeNo, turn: at.toISOString() }, startAfter: at }
}

/**
 * Sets the next turn of a duty, in the transaction that also puts the job for it. However many jobs there are of one
 * duty, only the one whose turn stands on the payment goes on, so that chains of jobs never multiply. No clock is
 * asked, because the queue goes by another one than we do.
 *
 * @param job.turn - the caller's own; a job without one (for at once) goes on when the turn that stands there has passed
 * @returns false when another turn is set: the caller's job has been overtaken
 */
export async function setNextTurn(tx: Tx, duty: Duty, { outTradeNo, turn }: Turn, { now, at }: { now: Date; at: Date }): Promise<boolean> {
  const column = columns[duty]
  const { numUpdatedRows } = await tx
    .updateTable('payments')
    .set({ [column]: at, ...(duty === 'close' && { close_tries: sql`close_tries + 1` }) })
    .where('out_trade_no', '=', outTradeNo)
    .where(({ or, eb }) => (turn === undefined ? or([eb(column, 'is', null), eb(column, '<=', now)]) : eb(column, '=', new Date(turn))))
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Sets the next turn of a duty whatever was set before: what happens now outranks what was planned. */
export async function moveTurn(tx: Tx, outTradeNo: string, duty: Duty, at: Date): Promise<void> {
  await tx
    .updateTable('payments')
    .set({ [columns[duty]]: at })
    .where('out_trade_no', '=', outTradeNo)
    .execute()
}

/** Sets an earlier turn. @returns false when it would not be earlier */
export async function bringForward(tx: Tx, outTradeNo: string, duty: Duty, at: Date): Promise<boolean> {
  const column = columns[duty]
  const { numUpdatedRows } = await tx
    .updateTable('payments')
    .set({ [column]: at })
    .where('out_trade_no', '=', outTradeNo)
    .where(column, '>', at)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Takes the close of a payment for one caller, so that one is under way at a time. Under the order's lock. */
export async function claimClose(tx: Tx, outTradeNo: string, { now, leaseMs }: { now: Date; leaseMs: number }): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('payments')
    .set({ close_lease_until: new Date(now.getTime() + leaseMs) })
    .where('out_trade_no', '=', outTradeNo)
    .where(({ or, eb }) => or([eb('close_lease_until', 'is', null), eb('close_lease_until', '<=', now)]))
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export async function releaseClose(db: Database, outTradeNo: string): Promise<void> {
  await db.updateTable('payments').set({ close_lease_until: null }).where('out_trade_no', '=', outTradeNo).execute()
}

export async function readCloseTries(db: Database, outTradeNo: string): Promise<number> {
  const row = await db.selectFrom('payments').select('close_tries').where('out_trade_no', '=', outTradeNo).executeTakeFirstOrThrow()
  return row.close_tries
}

/** Notes when the code was shown: the ladder of queries begins there. */
export async function noteShown(tx: Tx, paymentId: string, { at, firstQueryAt }: { at: Date; firstQueryAt: Date }): Promise<void> {
  await tx.updateTable('payments').set({ shown_at: at, next_query_at: firstQueryAt }).where('id', '=', paymentId).execute()
}

export interface QueryDuty {
  status: PaymentStatus
  unsettled: boolean
  history: QueryHistory
  watched: boolean
}

/** What the ladder of queries goes by; undefined for a payment whose code was never shown. */
export async function findQueryDuty(db: Database, outTradeNo: string, now: Date): Promise<QueryDuty | undefined> {
  const row = await db
    .selectFrom('payments')
    .innerJoin('orders', 'orders.id', 'payments.order_id')
    .leftJoin('order_watches', 'order_watches.token', 'orders.token')
    .select(['payments.status', 'confirming_since', 'anomalies', 'shown_at', 'last_queried_at', 'queries', 'watched_until'])
    .where('out_trade_no', '=', outTradeNo)
    .executeTakeFirst()
  if (!row?.shown_at) return undefined
  return {
    status: row.status,
    unsettled: row.confirming_since !== null || row.anomalies.includes('amount-mismatch'),
    history: { shownAt: row.shown_at, lastQueriedAt: row.last_queried_at, queries: row.queries },
    watched: row.watched_until !== null && row.watched_until > now,
  }
}

export async function noteQuery(tx: Tx, outTradeNo: string, at: Date): Promise<void> {
  await tx
    .updateTable('payments')
    .set({ last_queried_at: at, queries: sql`queries + 1` })
    .where('out_trade_no', '=', outTradeNo)
    .execute()
}

/** Makes the queries of these orders' pending payments due again: somebody began to watch. @returns the numbers that need a job */
export async function rearmQueries(tx: Tx, tokens: readonly string[], at: Date): Promise<string[]> {
  if (tokens.length === 0) return []
  const rows = await tx
    .updateTable('payments')
    .from('orders')
    .set({ next_query_at: at })
    .whereRef('orders.id', '=', 'payments.order_id')
    .where('orders.token', '=', sql<string>`ANY(${tokens})`)
    .where('payments.status', '=', 'pending')
    .where('payments.confirming_since', 'is', null)
    .where('payments.next_query_at', '>', at)
    .returning('payments.out_trade_no')
    .execute()
  return rows.map((row) => row.out_trade_no)
}

/** A duty whose turn has passed without its job: the process that had it died, or the job was lost. */
export interface NeglectedDuty {
  outTradeNo: string
  duty: Duty
}

/** Open attempts that wait for something of ours. Money that is being looked into is left alone. */
export async function findNeglectedDuties(
  db: Database,
  { dueBefore, limit }: { dueBefore: Date; limit: number },
): Promise<NeglectedDuty[]> {
  const rows = await db
    .selectFrom('payments')
    .select(['out_trade_no', 'status', 'next_prepare_at', 'next_query_at', 'next_close_at'])
    .where('status', 'in', ['preparing', 'pending', 'closing'])
    .where('confirming_since', 'is', null)
    .where(sql<boolean>`NOT anomalies @> ARRAY['amount-mismatch']`)
    .where(({ or, and, eb }) =>
      or([
        and([eb('status', '=', 'preparing'), eb('next_prepare_at', '<', dueBefore)]),
        and([eb('status', '=', 'pending'), eb('next_query_at', '<', dueBefore)]),
        eb('next_close_at', '<', dueBefore),
      ]),
    )
    .orderBy('created_at')
    .limit(limit)
    .execute()
  const isDue = (at: Date | null): boolean => at !== null && at < dueBefore
  return rows.flatMap((row) => {
    const { out_trade_no: outTradeNo } = row
    const duties: NeglectedDuty[] = []
    if (row.status === 'preparing' && isDue(row.next_prepare_at)) duties.push({ outTradeNo, duty: 'prepare' })
    if (row.status === 'pending' && isDue(row.next_query_at)) duties.push({ outTradeNo, duty: 'query' })
    if (isDue(row.next_close_at)) duties.push({ outTradeNo, duty: 'close' })
    return duties
  })
}
