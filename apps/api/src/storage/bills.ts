import { sql, type Selectable } from 'kysely'
import type { Bill, BillKind, BillProblem } from '../domain/bill.ts'
import type { Database, Tx } from './database.ts'
import type { BillsTable } from './billTables.ts'

export interface BillPlan {
  mchId: string
  kinds: readonly BillKind[]
  days: readonly string[]
  now: Date
}

/** Bills that are to come by themselves. Those that are there stay as they are, however many processes plan. @returns how many are new */
export async function planBills(db: Database, { mchId, kinds, days, now }: BillPlan): Promise<number> {
  const values = days.flatMap((day) => kinds.map((kind) => newBill({ mchId, kind, day, by: 'clock', now, at: now })))
  if (values.length === 0) return 0
  const { numInsertedOrUpdatedRows = 0n } = await db
    .insertInto('bills')
    .values(values)
    .onConflict((conflict) => conflict.columns(['mch_id', 'kind', 'bill_date']).doNothing())
    .executeTakeFirstOrThrow()
  return Number(numInsertedOrUpdatedRows)
}

interface NewBill {
  mchId: string
  kind: BillKind
  day: string
  by: 'clock' | 'operator'
  now: Date
  at: Date
}

function newBill({ mchId, kind, day, by, now, at }: NewBill) {
  return { mch_id: mchId, kind, bill_date: day, state: 'due', requested_by: by, created_at: now, next_try_at: at } as const
}

/** A bill that was set aside before its second try is fetched once more. @param secondTryAt - by its day */
export async function retrySetAside(
  db: Database,
  { mchId, now, days, secondTryAt }: { mchId: string; now: Date; days: readonly string[]; secondTryAt: (day: string) => Date },
): Promise<void> {
  for (const day of days.filter((one) => secondTryAt(one) <= now)) {
    await db
      .updateTable('bills')
      .set({ state: 'due', next_try_at: now, tries: 0, problem: null })
      .where('mch_id', '=', mchId)
      .where('bill_date', '=', day)
      .where('state', '=', 'set-aside')
      .where('stored_at', '<', secondTryAt(day))
      .execute()
  }
}

/**
 * Somebody asks for the bills of a day: new ones, and again those that were set aside, were empty, or could not be fetched so far. One that is
 * being fetched or is compared stays as it is.
 */
export async function askForBills(
  tx: Tx,
  { mchId, kinds, day, now, at }: { mchId: string; kinds: readonly BillKind[]; day: string; now: Date; at: Date },
): Promise<Bill[]> {
  await tx
    .insertInto('bills')
    .values(kinds.map((kind) => newBill({ mchId, kind, day, by: 'operator', now, at })))
    .onConflict((conflict) =>
      conflict
        .columns(['mch_id', 'kind', 'bill_date'])
        .doUpdateSet({ state: 'due', requested_by: 'operator', next_try_at: at, tries: 0, problem: null })
        .where(sql<boolean>`bills.state IN ('set-aside', 'empty') OR (bills.state = 'due' AND bills.problem IS NOT NULL)`),
    )
    .execute()
  const rows = await tx
    .selectFrom('bills')
    .selectAll()
    .where('mch_id', '=', mchId)
    .where('bill_date', '=', day)
    .where('kind', 'in', kinds)
    .orderBy('id')
    .execute()
  return rows.map(toBill)
}

export async function findBill(db: Database | Tx, id: string): Promise<Bill | undefined> {
  const row = await db.selectFrom('bills').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toBill(row)
}

export async function findBillOfDay(db: Database | Tx, by: Pick<Bill, 'mchId' | 'kind' | 'billDate'>): Promise<Bill | undefined> {
  const row = await db
    .selectFrom('bills')
    .selectAll()
    .where('mch_id', '=', by.mchId)
    .where('kind', '=', by.kind)
    .where('bill_date', '=', by.billDate)
    .executeTakeFirst()
  return row && toBill(row)
}

/** Whether there is anything that a bill could be about, and since when. */
export async function findFirstPaymentAt(db: Database, mchId: string): Promise<Date | undefined> {
  const row = await db
    .selectFrom('payments')
    .select('created_at')
    .where(({ or, eb }) => or([eb('mch_id', '=', mchId), eb('mch_id', 'is', null)]))
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return row?.created_at
}

/** The trade bills of a stretch of Beijing days. */
export async function findTradeBills(
  tx: Tx,
  { mchId, from, to }: { mchId: string; from: string; to: string },
): Promise<Pick<Bill, 'id' | 'billDate' | 'reconciledAt'>[]> {
  const rows = await tx
    .selectFrom('bills')
    .select(['id', 'bill_date', 'reconciled_at'])
    .where('mch_id', '=', mchId)
    .where('kind', '=', 'trade')
    .where('bill_date', '>=', from)
    .where('bill_date', '<=', to)
    .execute()
  return rows.map((row) => ({ id: row.id, billDate: row.bill_date, reconciledAt: row.reconciled_at }))
}

export interface BillChange extends Partial<
  Pick<Selectable<BillsTable>, 'state' | 'stored_at' | 'reconciled_at' | 'next_try_at' | 'sha1' | 'plain_bytes' | 'row_count' | 'tries'>
> {
  problem?: BillProblem | null
  totals?: Record<string, number> | null
}

/** The end of a bill's way, or a stop on it: guarded by the turn of whoever carries it out. @returns false when somebody else has it by now */
export async function changeBill(
  db: Database | Tx,
  { billId, turn }: { billId: string; turn: Date },
  change: BillChange,
): Promise<boolean> {
  const { problem, totals, ...plain } = change
  const { numUpdatedRows } = await db
    .updateTable('bills')
    .set({
      ...plain,
      ...(problem !== undefined && { problem: problem && JSON.stringify(problem) }),
      ...(totals !== undefined && { totals: totals && JSON.stringify(totals) }),
    })
    .where('id', '=', billId)
    .where('next_try_at', '=', turn)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export function toBill(row: Selectable<BillsTable>): Bill {
  return {
    id: row.id,
    mchId: row.mch_id,
    kind: row.kind,
    billDate: row.bill_date,
    state: row.state,
    problem: row.problem,
    isEmpty: row.plain_bytes === '0',
    rows: row.row_count,
    totals: row.totals,
    tries: row.tries,
    nextTryAt: row.next_try_at,
    storedAt: row.stored_at,
    reconciledAt: row.reconciled_at,
  }
}
