import { sql, type Selectable } from 'kysely'
import type { Discrepancy } from '../domain/discrepancy.ts'
import type { Difference, DiscrepancyClass } from '../domain/reconcile.ts'
import type { DiscrepanciesTable } from './billTables.ts'
import type { Database, Tx } from './database.ts'
import { plannedEachTime } from './keepPlans.ts'
import type { EventSource } from './tables.ts'

/** A difference, and whom it is about. */
export interface NewDiscrepancy {
  billId: string
  difference: Difference
  /** Unique within bill and class. */
  number: string
  /** Of ours, when they are known. */
  about: { orderId: string | null; paymentId: string | null; refundId: string | null }
  outTradeNo: string | null
  outRefundNo: string | null
  transactionId: string | null
}

/**
 * Opens work items, each with an event on its order; what is one already stays as it is, resolved or not. @returns how many are new, by class
 *
 * @param nextJudgeAt - when both sides are looked at again; null: only a person settles it
 */
export async function openDiscrepancies(
  tx: Tx,
  found: readonly NewDiscrepancy[],
  { at, nextJudgeAt }: { at: Date; nextJudgeAt: Date | null },
): Promise<Map<DiscrepancyClass, number>> {
  const opened = new Map<DiscrepancyClass, number>()
  if (found.length === 0) return opened
  const rows = await tx
    .insertInto('discrepancies')
    .values(found.map((one) => ({ ...valuesOf(one), state: 'open' as const, opened_at: at, next_judge_at: nextJudgeAt })))
    .onConflict((conflict) => conflict.columns(['bill_id', 'class', 'number']).doNothing())
    .returning(['id', 'bill_id', 'class', 'number'])
    .execute()
  if (rows.length === 0) return opened
  const byKey = new Map(found.map((one) => [keyOf(one.billId, one.difference.class, one.number), one]))
  const events = rows.flatMap(({ id, bill_id: billId, class: kind, number }) => {
    opened.set(kind, (opened.get(kind) ?? 0) + 1)
    const one = byKey.get(keyOf(billId, kind, number))
    return one ? [eventOf(id, one, at)] : []
  })
  await tx.insertInto('events').values(events).execute()
  return opened
}

function valuesOf({ billId, difference, number, about, outTradeNo, outRefundNo, transactionId }: NewDiscrepancy) {
  return {
    bill_id: billId,
    class: difference.class,
    number,
    payment_id: about.paymentId,
    refund_id: about.refundId,
    out_trade_no: outTradeNo,
    out_refund_no: outRefundNo,
    transaction_id: transactionId,
    ours_fen: difference.oursFen,
    theirs_fen: difference.theirsFen,
    detail: difference.detail,
  }
}

function eventOf(discrepancyId: string, { about, difference, outTradeNo, outRefundNo }: NewDiscrepancy, at: Date) {
  const data = { discrepancyId, ...difference, outTradeNo, outRefundNo }
  return {
    order_id: about.orderId,
    payment_id: about.paymentId,
    type: 'discrepancy.opened',
    source: 'bill' as const,
    data: JSON.stringify(data),
    at,
  }
}

const keyOf = (billId: string, kind: string, number: string) => `${billId} ${kind} ${number}`

export interface Resolution {
  id: string
  resolver: 'operator' | 'reconciliation'
  reason: string
  source: Extract<EventSource, 'operator' | 'bill'>
  at: Date
}

/** @returns false when it is not open, or not there */
export async function resolve(tx: Tx, { id, resolver, reason, source, at }: Resolution): Promise<boolean> {
  const row = await tx
    .updateTable('discrepancies')
    .set({ state: 'resolved', resolved_at: at, resolver, reason, next_judge_at: null })
    .where('id', '=', id)
    .where('state', '=', 'open')
    .returning(['class', 'payment_id'])
    .executeTakeFirst()
  if (!row) return false
  const payment =
    row.payment_id === null
      ? undefined
      : await tx.selectFrom('payments').select('order_id').where('id', '=', row.payment_id).executeTakeFirst()
  await tx
    .insertInto('events')
    .values({
      order_id: payment?.order_id ?? null,
      payment_id: row.payment_id,
      type: 'discrepancy.resolved',
      source,
      data: JSON.stringify({ discrepancyId: id, class: row.class, resolver, reason }),
      at,
    })
    .execute()
  return true
}

export async function findDiscrepancy(db: Database | Tx, id: string): Promise<Discrepancy | undefined> {
  const row = await db
    .selectFrom('discrepancies')
    .innerJoin('bills', 'bills.id', 'discrepancies.bill_id')
    .selectAll('discrepancies')
    .select('bills.bill_date')
    .where('discrepancies.id', '=', id)
    .executeTakeFirst()
  return row && toDiscrepancy(row)
}

/** Takes open ones whose time has come; each comes again by its age, whatever happens to the caller. */
export async function claimDiscrepancies(
  db: Database,
  { mchId, now, limit, gapMs }: { mchId: string; now: Date; limit: number; gapMs: (ageMs: number) => number },
): Promise<string[]> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ id: string; opened_at: Date }>`
      SELECT discrepancies.id, opened_at FROM discrepancies JOIN bills ON bills.id = bill_id
      WHERE discrepancies.state = 'open' AND next_judge_at <= ${now} AND mch_id = ${mchId}
      ORDER BY next_judge_at LIMIT ${limit} FOR NO KEY UPDATE OF discrepancies SKIP LOCKED ${plannedEachTime}
    `.execute(tx)
    for (const { id, opened_at: openedAt } of rows) {
      const next = new Date(now.getTime() + gapMs(now.getTime() - openedAt.getTime()))
      await tx.updateTable('discrepancies').set({ next_judge_at: next }).where('id', '=', id).execute()
    }
    return rows.map(({ id }) => id)
  })
}

/** A bill has come: what it may settle is looked at again. */
export async function judgeMissingAgain(tx: Tx, { mchId, at }: { mchId: string; at: Date }): Promise<void> {
  await tx
    .updateTable('discrepancies')
    .from('bills')
    .set({ next_judge_at: at })
    .whereRef('bills.id', '=', 'discrepancies.bill_id')
    .where('bills.mch_id', '=', mchId)
    .where('discrepancies.state', '=', 'open')
    .where('discrepancies.class', 'in', ['paid-not-billed', 'refund-not-billed'])
    .where('discrepancies.next_judge_at', '>', at)
    .execute()
}

/** For the metric. */
export async function countOpenDiscrepancies(db: Database): Promise<{ class: DiscrepancyClass; count: number }[]> {
  const rows = await db
    .selectFrom('discrepancies')
    .select(['class', sql<number>`count(*)::integer`.as('count')])
    .where('state', '=', 'open')
    .groupBy('class')
    .execute()
  return rows
}

export function toDiscrepancy(row: Selectable<DiscrepanciesTable> & { bill_date: string }): Discrepancy {
  return {
    id: row.id,
    billId: row.bill_id,
    billDate: row.bill_date,
    class: row.class,
    state: row.state,
    number: row.number,
    paymentId: row.payment_id,
    refundId: row.refund_id,
    outTradeNo: row.out_trade_no,
    outRefundNo: row.out_refund_no,
    transactionId: row.transaction_id,
    oursFen: row.ours_fen === null ? null : Number(row.ours_fen),
    theirsFen: row.theirs_fen === null ? null : Number(row.theirs_fen),
    detail: row.detail,
    openedAt: row.opened_at,
    resolvedAt: row.resolved_at,
    resolver: row.resolver,
    reason: row.reason,
  }
}
