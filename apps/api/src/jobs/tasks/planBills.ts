import { billKindsOf } from '../../commands/steps/billGates.ts'
import { plannedDays, secondTryAt } from '../../domain/billDays.ts'
import { findFirstPaymentAt, planBills, retrySetAside } from '../../storage/bills.ts'
import type { TaskContext } from './taskContext.ts'

/** Each day that is over gets its bills, once; a day later, one that was set aside is fetched once more. */
export async function planBillsOfDays({ bills }: TaskContext): Promise<void> {
  const { store, clock, mchId, wechat } = bills
  const now = clock.now()
  const since = await findFirstPaymentAt(store.db, mchId)
  if (!since) return
  const days = plannedDays(now, since)
  await planBills(store.db, { mchId, kinds: billKindsOf(wechat), days, now })
  await retrySetAside(store.db, { mchId, days, now, secondTryAt })
}
