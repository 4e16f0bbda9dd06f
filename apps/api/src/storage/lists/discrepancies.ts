import { DiscrepancyNotFoundError } from '../../domain/billErrors.ts'
import type { Discrepancy } from '../../domain/discrepancy.ts'
import type { DiscrepancyClass } from '../../domain/reconcile.ts'
import type { Page } from '../../domain/records.ts'
import type { Database } from '../database.ts'
import { toDiscrepancy } from '../discrepancies.ts'
import { pageOf, type PageWish } from './page.ts'

export interface DiscrepancyListWish extends PageWish {
  state?: Discrepancy['state'] | undefined
  class?: DiscrepancyClass | undefined
  billDate?: string | undefined
}

function discrepancyRows(db: Database) {
  return db
    .selectFrom('discrepancies')
    .innerJoin('bills', 'bills.id', 'discrepancies.bill_id')
    .selectAll('discrepancies')
    .select('bills.bill_date')
}

/** Newest first. */
export async function listDiscrepancies(db: Database, wish: DiscrepancyListWish): Promise<Page<Discrepancy>> {
  const { state, class: ofClass, billDate, from, limit } = wish
  const rows = await discrepancyRows(db)
    .$if(state !== undefined, (rows) => rows.where('discrepancies.state', '=', state ?? 'open'))
    .$if(ofClass !== undefined, (rows) => rows.where('discrepancies.class', '=', ofClass ?? 'flow-differs'))
    .$if(billDate !== undefined, (rows) => rows.where('bills.bill_date', '=', billDate ?? ''))
    .$if(from !== null, (rows) => rows.where('discrepancies.id', '<', from ?? ''))
    .orderBy('discrepancies.id', 'desc')
    .limit(limit + 1)
    .execute()
  return pageOf(rows, { limit, keyOf: ({ id }) => id, item: toDiscrepancy })
}

/** @throws {DiscrepancyNotFoundError} */
export async function readDiscrepancyRecord(db: Database, discrepancyId: string): Promise<Discrepancy> {
  const row = await discrepancyRows(db).where('discrepancies.id', '=', discrepancyId).executeTakeFirst()
  if (!row) throw new DiscrepancyNotFoundError(`no discrepancy ${discrepancyId}`)
  return toDiscrepancy(row)
}
