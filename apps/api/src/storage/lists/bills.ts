import { sql } from 'kysely'
import type { BillKind, BillState } from '../../domain/bill.ts'
import { BillNotFoundError } from '../../domain/billErrors.ts'
import type { BillFile, BillRecord, Page } from '../../domain/records.ts'
import { BillFileNotFoundError } from '../../domain/readErrors.ts'
import { toBill } from '../bills.ts'
import type { Database } from '../database.ts'
import { pageOf, type PageWish } from './page.ts'

export interface BillListWish extends PageWish {
  kind?: BillKind | undefined
  state?: BillState | undefined
  billDate?: string | undefined
}

function billRows(db: Database) {
  return db
    .selectFrom('bills')
    .selectAll('bills')
    .select(({ selectFrom, fn }) =>
      selectFrom('discrepancies')
        .whereRef('discrepancies.bill_id', '=', 'bills.id')
        .where('discrepancies.state', '=', 'open')
        .select(fn.countAll<string>().as('count'))
        .as('open_discrepancies'),
    )
}

type BillRow = Awaited<ReturnType<ReturnType<typeof billRows>['executeTakeFirstOrThrow']>>

function toBillRecord(row: BillRow): BillRecord {
  return { bill: toBill(row), openDiscrepancies: Number(row.open_discrepancies) }
}

/** The latest days first. A page goes on from a day and a number: "2026-03-01 12". */
export async function listBills(db: Database, { kind, state, billDate, from, limit }: BillListWish): Promise<Page<BillRecord>> {
  const [day = '', id = ''] = from?.split(' ') ?? []
  const rows = await billRows(db)
    .$if(kind !== undefined, (bills) => bills.where('kind', '=', kind ?? 'trade'))
    .$if(state !== undefined, (bills) => bills.where('state', '=', state ?? 'due'))
    .$if(billDate !== undefined, (bills) => bills.where('bill_date', '=', billDate ?? ''))
    .$if(from !== null, (bills) => bills.where(sql<boolean>`(bill_date, id) < (${day}::date, ${id}::bigint)`))
    .orderBy('bills.bill_date', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return pageOf(rows, { limit, keyOf: (row) => `${row.bill_date} ${row.id}`, item: toBillRecord })
}

/** @throws {BillNotFoundError} @throws {BillFileNotFoundError} */
export async function openBillFile(db: Database, billId: string): Promise<BillFile> {
  const bill = await db
    .selectFrom('bills')
    .select(['kind', 'bill_date as billDate', 'stored_at'])
    .select(({ selectFrom }) =>
      selectFrom('bill_pieces')
        .where('bill_id', '=', billId)
        .select(sql<string>`sum(octet_length(gzip))`.as('bytes'))
        .as('bytes'),
    )
    .select('state')
    .where('id', '=', billId)
    .executeTakeFirst()
  if (!bill) throw new BillNotFoundError(`no bill ${billId}`)
  const { kind, billDate, bytes, stored_at: storedAt } = bill
  if (bytes === null || !hasFile(bill.state)) throw new BillFileNotFoundError(`no file of bill ${billId}`)
  return { bill: { kind, billDate }, bytes: Number(bytes), pieces: () => piecesOf(db, { billId, storedAt }) }
}

/** While it is being fetched the pieces are those of a file that may never be whole. */
function hasFile(state: BillState): boolean {
  return state === 'stored' || state === 'reconciled' || state === 'set-aside'
}

/** One at a time: neither the file lies in memory, nor does a slow reader keep a connection. */
async function* piecesOf(db: Database, { billId, storedAt }: { billId: string; storedAt: Date | null }): AsyncGenerator<Buffer> {
  for (let last = -1; ;) {
    const piece = await db
      .selectFrom('bill_pieces')
      .innerJoin('bills', 'bills.id', 'bill_id')
      .select(['number', 'gzip', 'state', 'stored_at'])
      .where('bill_id', '=', billId)
      .where('number', '>', last)
      .orderBy('number')
      .limit(1)
      .executeTakeFirst()
    if (!piece) return
    if (!hasFile(piece.state) || piece.stored_at?.getTime() !== storedAt?.getTime())
      throw new Error(`bill ${billId} was fetched anew while it was read`)
    yield piece.gzip
    last = piece.number
  }
}
