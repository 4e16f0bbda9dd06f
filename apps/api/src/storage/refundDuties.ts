import { sql } from 'kysely'
import { toFen } from 'wxpay-core/money'
import type { RefundRequest } from 'wxpay-core/protocol'
import type { Refund } from '../domain/refund.ts'
import { databaseNow, type DatabaseNow } from './callBudgets.ts'
import type { Database, Tx } from './database.ts'
import { plannedEachTime } from './keepPlans.ts'
import { toRefund } from './refunds.ts'
import { toPayment } from './rows.ts'
import type { Payment } from '../domain/payment.ts'
import type { StoredRefundRequest } from './tables.ts'

/** What is done for a refund, each with the moment of its next turn on the refund's row, as for payments (paymentDuties.ts). */
export type RefundDuty = 'submit' | 'query'

const columns = { submit: 'next_submit_at', query: 'next_query_at' } as const

/** The words are those of the indexes (migration 0007). */
const waiting = {
  submit: sql`status = 'submitting'`,
  query: sql`status IN ('processing', 'needs-attention')`,
}

/** `turn`: the moment that stands on the refund for it. When another stands there by now, it has been overtaken. */
export interface RefundTurn {
  outRefundNo: string
  turn: Date
}

/** Takes turns that have come for one caller, the longest overdue first: each comes again after the lease unless its next one is set by then. */
export async function claimRefundTurns(
  db: Database,
  duty: RefundDuty,
  { now, leaseMs, limit }: { now: Date; leaseMs: number; limit: number },
): Promise<RefundTurn[]> {
  const column = sql.ref(columns[duty])
  const turn = new Date(now.getTime() + leaseMs)
  const { rows } = await sql<{ out_refund_no: string }>`
    WITH due AS (
      SELECT id FROM refunds WHERE ${column} <= ${now} AND ${waiting[duty]} ORDER BY ${column} LIMIT ${limit}
      FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE refunds SET ${column} = ${turn} FROM due WHERE refunds.id = due.id RETURNING out_refund_no ${plannedEachTime}
  `.execute(db)
  return rows.map((row) => ({ outRefundNo: row.out_refund_no, turn }))
}

/**
 * Sets the next turn, for the one whose turn stands there.
 *
 * @param next.counts - it is a try (of the submission, or a query), and not only put off
 * @returns false when another turn is set: the caller has been overtaken
 */
export async function setNextRefundTurn(
  db: Database | Tx,
  duty: RefundDuty,
  { outRefundNo, turn }: RefundTurn,
  { at, counts }: { at: Date; counts: boolean },
): Promise<boolean> {
  const column = columns[duty]
  const { numUpdatedRows } = await db
    .updateTable('refunds')
    .set({
      [column]: at,
      ...(counts && (duty === 'submit' ? { tries: sql`tries + 1` } : { queries: sql`queries + 1` })),
    })
    .where('out_refund_no', '=', outRefundNo)
    .where(column, '=', turn)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Two different refunds of one payment are called for at least a minute apart (WeChat); a call takes up to 8 s to arrive. */
export const paymentGapMs = 70_000

/**
 * Takes the payment's turn at WeChat for one of its refunds, over all processes (rule R19).
 *
 * @returns false when another refund of it was called for less than a minute ago
 */
export async function claimPaymentGap(
  tx: Tx,
  { paymentId, outRefundNo }: { paymentId: string; outRefundNo: string },
  now: DatabaseNow = databaseNow,
): Promise<boolean> {
  const free = sql<boolean>`(refund_called_at IS NULL OR refund_called_no = ${outRefundNo}
    OR refund_called_at <= ${now()} - make_interval(secs => ${paymentGapMs / 1000}))`
  const { numUpdatedRows } = await tx
    .updateTable('payments')
    .set({ refund_called_at: now(), refund_called_no: outRefundNo })
    .where('id', '=', paymentId)
    .where(free)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** What the tasks go by. */
export interface RefundWork {
  refund: Refund
  payment: Payment
  /** null when it was begun at WeChat. */
  request: RefundRequest | null
  tries: number
  queries: number
  /** How long another refund of the payment still keeps WeChat from taking this one; 0 when none does. */
  gapMs: number
}

export async function findRefundWork(db: Database, outRefundNo: string, now: DatabaseNow = databaseNow): Promise<RefundWork | undefined> {
  const row = await db.selectFrom('refunds').selectAll().where('out_refund_no', '=', outRefundNo).executeTakeFirst()
  if (!row) return undefined
  const { elapsed_ms: elapsedMs, ...payment } = await db
    .selectFrom('payments')
    .selectAll()
    .select(sql<number | null>`(extract(epoch FROM ${now()} - refund_called_at) * 1000)::float8`.as('elapsed_ms'))
    .where('id', '=', row.payment_id)
    .executeTakeFirstOrThrow()
  const isFree = elapsedMs === null || payment.refund_called_no === outRefundNo
  return {
    refund: toRefund(row),
    payment: toPayment(payment),
    request: row.request && toRequest(row.request),
    tries: row.tries,
    queries: row.queries,
    gapMs: isFree ? 0 : Math.max(0, Math.ceil(paymentGapMs - elapsedMs)),
  }
}

function toRequest(stored: StoredRefundRequest): RefundRequest {
  return { ...stored, totalFen: toFen(stored.totalFen), refundFen: toFen(stored.refundFen) }
}
