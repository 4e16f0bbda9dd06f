import { checkLedger as check } from '../../commands/checkLedger.ts'
import type { TaskContext } from './taskContext.ts'

/** Once a day, after the bills have come, on their connections. */
export async function checkLedger({ payments, bills, showLedger }: TaskContext): Promise<void> {
  const { store, clock, mchId } = bills
  await check({ store: { db: store.db, clock }, mchId, alarms: payments.alarms, show: showLedger })
}
