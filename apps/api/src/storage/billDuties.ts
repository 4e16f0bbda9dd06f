import { sql } from 'kysely'
import type { Clock } from '../support/clock.ts'
import type { Bill } from '../domain/bill.ts'
import { changeBill, findBill } from './bills.ts'
import type { Database } from './database.ts'
import { plannedEachTime } from './keepPlans.ts'

/** What is done for a bill: the moment of its next turn stands on its row, as for payments (paymentDuties.ts). */
export type BillDuty = 'fetch' | 'reconcile'

const waiting = { fetch: sql`state = 'due'`, reconcile: sql`state = 'stored'` }

/** `turn`: the moment that stands on the bill for it. When another stands there by now, it has been overtaken. */
export interface BillTurn {
  billId: string
  turn: Date
}

/** Takes turns that have come for one caller, the oldest day first: each comes again after the lease. */
export async function claimBillTurns(
  db: Database,
  duty: BillDuty,
  { now, leaseMs, limit }: { now: Date; leaseMs: number; limit: number },
): Promise<BillTurn[]> {
  const turn = new Date(now.getTime() + leaseMs)
  const { rows } = await sql<{ id: string }>`
    WITH due AS (
      SELECT id FROM bills WHERE next_try_at <= ${now} AND ${waiting[duty]} ORDER BY bill_date, kind DESC LIMIT ${limit}
      FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE bills SET next_try_at = ${turn} FROM due WHERE bills.id = due.id RETURNING bills.id ${plannedEachTime}
  `.execute(db)
  return rows.map(({ id }) => ({ billId: id, turn }))
}

/** Somebody else carries on with the bill: what was done here is left where it is, and counts for nothing. */
export class BillOvertakenError extends Error {
  override readonly name = 'BillOvertakenError'
}

/** A bill that one caller has to itself, for as long as it says again and again that it is still there. */
export interface BillLease {
  readonly bill: Bill
  readonly turn: BillTurn
  /** Call it wherever time passes; costs nothing most of the time. @throws {BillOvertakenError} */
  keep(): Promise<void>
}

/** Longer than WeChat may be silent in the middle of a bill, and than the database needs for its longest statement here on a busy day. */
const leaseMs = 600_000

/**
 * Begins a try, with the next one set before WeChat is called: whoever dies is followed by another after the lease, and not before.
 *
 * @returns undefined when the caller has been overtaken
 */
export async function beginTry(
  db: Database,
  turn: BillTurn,
  { clock, counts }: { clock: Clock; counts: boolean },
): Promise<BillLease | undefined> {
  const bill = await findBill(db, turn.billId)
  if (!bill) return undefined
  let keptAt = clock.now().getTime()
  let current = turn
  const extend = async (more: { tries?: number } = {}) => {
    const next = new Date(keptAt + leaseMs)
    // A try under way has no problem yet: a person who asks for the bill now leaves it alone.
    if (!(await changeBill(db, current, { next_try_at: next, ...(counts && { problem: null }), ...more }))) return false
    current = { billId: turn.billId, turn: next }
    return true
  }
  if (!(await extend(counts ? { tries: bill.tries + 1 } : {}))) return undefined
  return {
    bill: counts ? { ...bill, tries: bill.tries + 1 } : bill,
    get turn() {
      return current
    },
    async keep() {
      const now = clock.now().getTime()
      if (now - keptAt < leaseMs / 4) return
      keptAt = now
      if (!(await extend())) throw new BillOvertakenError(`bill ${turn.billId} has been taken over`)
    },
  }
}
