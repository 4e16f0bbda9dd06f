import { sql } from 'kysely'
import type { PaymentStatus } from '../domain/payment.ts'
import type { QueryHistory } from '../domain/queryLadder.ts'
import type { Database, Tx } from './database.ts'
import { plannedEachTime } from './keepPlans.ts'

/** What is done for a payment after the request that began it, each with the moment of its next turn on the payment's row. */
export type Duty = 'prepare' | 'query' | 'close'

export const duties = ['prepare', 'query', 'close'] as const satisfies readonly Duty[]

const columns = { prepare: 'next_prepare_at', query: 'next_query_at', close: 'next_close_at' } as const

/**
 * A turn that somebody carries out.
 * `turn`: the moment that stands on the payment for it. When another stands there by now, it has been overtaken.
 * `reserved`: a call of the budget of queries is kept for it.
 */
export interface Turn {
  outTradeNo: string
  turn?: Date
  reserved?: boolean
}

/** Payments that a duty is for. Money that is being looked into is left alone. The words are those of the indexes (migration 0004). */
const waiting = {
  prepare: sql`status = 'preparing' AND confirming_since IS NULL AND NOT anomalies @> '{amount-mismatch}'`,
  query: sql`status = 'pending' AND confirming_since IS NULL AND NOT anomalies @> '{amount-mismatch}'`,
  close: sql`status IN ('preparing', 'pending', 'closing') AND confirming_since IS NULL AND NOT anomalies @> '{amount-mismatch}'`,
}

/**
 * Takes turns that have come for one caller, the longest overdue first: each comes again after the lease unless its next one is set
 * by then, so that nothing is lost with a process that dies. Reads what is due, however many payments wait or are stored.
 */
export async function claimTurns(
  db: Database | Tx,
  duty: Duty,
  { now, leaseMs, limit }: { now: Date; leaseMs: number; limit: number },
): Promise<Turn[]> {
  const column = sql.ref(columns[duty])
  const turn = new Date(now.getTime() + leaseMs)
  const { rows } = await sql<{ out_trade_no: string; query_reserved: boolean }>`
    WITH due AS (
      SELECT id FROM payments WHERE ${column} <= ${now} AND ${waiting[duty]} ORDER BY ${column} LIMIT ${limit}
      FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE payments SET ${column} = ${turn} FROM due WHERE payments.id = due.id RETURNING out_trade_no, query_reserved ${plannedEachTime}
  `.execute(db)
  return rows.map((row) => ({ outTradeNo: row.out_trade_no, turn, reserved: duty === 'query' && row.query_reserved }))
}

/**
 * Sets the next turn of a duty. However many callers there are, only the one whose turn stands on the payment goes on, so that
 * a payment has one next turn of each duty.
 *
 * @param caller.turn - a caller without one goes on when the turn that stands there has passed
 * @param next.reserved - for a query: a call of the budget is kept for that turn
 * @returns false when another turn is set: the caller has been overtaken
 */
export async function setNextTurn(
  db: Database | Tx,
  duty: Duty,
  { outTradeNo, turn }: Turn,
  { now, at, reserved = false }: { now: Date; at: Date; reserved?: boolean },
): Promise<boolean> {
  const column = columns[duty]
  const { numUpdatedRows } = await db
    .updateTable('payments')
    .set({
      [column]: at,
      ...(duty === 'close' && { close_tries: sql`close_tries + 1` }),
      ...(duty === 'query' && { query_reserved: reserved }),
    })
    .where('out_trade_no', '=', outTradeNo)
    .where(({ or, eb }) => (turn === undefined ? or([eb(column, 'is', null), eb(column, '<=', now)]) : eb(column, '=', turn)))
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Sets the next turn of a duty, or leaves the one that comes sooner. */
export async function moveTurn(tx: Tx, { outTradeNo, duty, at }: { outTradeNo: string; duty: Duty; at: Date }): Promise<void> {
  await tx
    .updateTable('payments')
    .set({ [columns[duty]]: sql`LEAST(${sql.ref(columns[duty])}, ${at})` })
    .where('out_trade_no', '=', outTradeNo)
    .execute()
}

/** Sets the turn of a duty unless an earlier one is set. */
export async function bringForward(tx: Tx, outTradeNo: string, duty: Duty, at: Date): Promise<void> {
  const column = columns[duty]
  await tx
    .updateTable('payments')
    .set({ [column]: at })
    .where('out_trade_no', '=', outTradeNo)
    .where(column, '>', at)
    .execute()
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

/** Notes when the code was shown: from now on somebody must ask WeChat when no notice comes, and close the code when its time is over. */
export async function noteShown(tx: Tx, paymentId: string, shown: { at: Date; firstQueryAt: Date; closeAt: Date }): Promise<void> {
  await tx
    .updateTable('payments')
    .set({ shown_at: shown.at, next_query_at: shown.firstQueryAt, next_close_at: shown.closeAt })
    .where('id', '=', paymentId)
    .execute()
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

/** Makes the queries of these orders' pending payments due again: somebody began to watch. */
export async function rearmQueries(tx: Tx, tokens: readonly string[], at: Date): Promise<void> {
  if (tokens.length === 0) return
  await tx
    .updateTable('payments')
    .from('orders')
    .set({ next_query_at: at, query_reserved: false })
    .whereRef('orders.id', '=', 'payments.order_id')
    .where('orders.token', '=', sql<string>`ANY(${tokens})`)
    .where('payments.status', '=', 'pending')
    .where('payments.confirming_since', 'is', null)
    .where('payments.next_query_at', '>', at)
    .execute()
}
