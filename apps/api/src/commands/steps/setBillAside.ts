import type { BillProblem } from '../../domain/bill.ts'
import type { BillLease } from '../../storage/billDuties.ts'
import { changeBill } from '../../storage/bills.ts'
import { insertEvents } from '../../storage/events.ts'
import type { BillContext } from '../billContext.ts'

/** A bill that is not believed: its file stays, one event and an alarm tell of it, and nothing else changes. */
export async function setBillAside({ store, clock, alarms }: BillContext, { bill, turn }: BillLease, problem: BillProblem): Promise<void> {
  const now = clock.now()
  const isMine = await store.db.transaction().execute(async (tx) => {
    const change = { state: 'set-aside', problem, stored_at: now, next_try_at: null } as const
    if (!(await changeBill(tx, turn, change))) return false
    const data = { billId: bill.id, kind: bill.kind, billDate: bill.billDate, ...problem }
    await insertEvents(tx, null, [{ type: 'bill.set_aside', source: 'bill', data }], now)
    return true
  })
  if (!isMine) return
  alarms.setAside(bill, problem)
  alarms.bill({ kind: bill.kind, outcome: 'set-aside' })
}
