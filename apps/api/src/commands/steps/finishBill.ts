import { BillOvertakenError, type BillLease } from '../../storage/billDuties.ts'
import { lockComparison } from '../../storage/billDifferences.ts'
import { changeBill } from '../../storage/bills.ts'
import type { Tx } from '../../storage/database.ts'
import { judgeMissingAgain } from '../../storage/discrepancies.ts'
import { insertEvents } from '../../storage/events.ts'
import type { BillContext } from '../billContext.ts'
import type { Opened } from './compareTrades.ts'

/**
 * The last transaction of a bill: it counts as compared, its differences are work items, and what is missing elsewhere is looked for in it.
 *
 * @throws {BillOvertakenError}
 */
export async function finishBill(
  { store, clock, alarms, onAgreement }: BillContext,
  { bill, turn }: BillLease,
  { rows, totals, compare }: { rows: number; totals: Record<string, number>; compare: (tx: Tx, now: Date) => Promise<Opened> },
): Promise<void> {
  const now = clock.now()
  const opened = await store.db.transaction().execute(async (tx) => {
    await lockComparison(tx, bill.mchId)
    const state = bill.isEmpty ? 'empty' : 'reconciled'
    if (!(await changeBill(tx, turn, { state, reconciled_at: now, row_count: rows, totals, next_try_at: null }))) {
      throw new BillOvertakenError(`bill ${bill.id} has been taken over`)
    }
    const found = await compare(tx, now)
    await judgeMissingAgain(tx, { mchId: bill.mchId, at: now })
    const data = { billId: bill.id, kind: bill.kind, billDate: bill.billDate, rows, totals, opened: found }
    await insertEvents(tx, null, [{ type: 'bill.reconciled', source: 'bill', data }], now)
    return found
  })
  alarms.bill({ kind: bill.kind, outcome: 'reconciled' })
  if (Object.keys(opened).length > 0) alarms.differs(bill, opened)
  await onAgreement?.(bill.id)
}
