import type { Bill } from '../domain/bill.ts'
import { billReadyAt, checkBillDay } from '../domain/billDays.ts'
import { askForBills } from '../storage/bills.ts'
import type { BillContext } from './billContext.ts'
import { billKindsOf } from './steps/billGates.ts'

/**
 * The bills of a day are fetched, again if they were set aside, empty, or could not be had so far; yesterday's not before ten o'clock. What is
 * being fetched or is compared stays as it is.
 *
 * @param input.billDate - a Beijing day, yyyy-MM-dd
 * @returns the bills of that day as they are now
 * @throws {BillDayNotOverError} @throws {BillTooOldError}
 */
export async function requestBill({ store, clock, mchId, wechat }: BillContext, { billDate }: { billDate: string }): Promise<Bill[]> {
  const now = clock.now()
  checkBillDay(billDate, now)
  const at = new Date(Math.max(now.getTime(), billReadyAt(billDate).getTime()))
  return store.db.transaction().execute((tx) => askForBills(tx, { mchId, kinds: billKindsOf(wechat), day: billDate, now, at }))
}
