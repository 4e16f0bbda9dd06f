import { BillBrokenError, BillOfAnotherMerchantError } from 'wxpay-core/protocol'
import { reconcileFlowBill } from '../../commands/steps/reconcileFlowBill.ts'
import { reconcileTradeBill } from '../../commands/steps/reconcileTradeBill.ts'
import { setBillAside } from '../../commands/steps/setBillAside.ts'
import { beginTry, BillOvertakenError, type BillTurn } from '../../storage/billDuties.ts'
import type { TaskContext } from './taskContext.ts'

/** Reads a stored bill and compares it. A bill that cannot be read, or is somebody else's, is set aside, and nothing of it counts. */
export async function reconcileBill({ bills }: TaskContext, turn: BillTurn): Promise<void> {
  const lease = await beginTry(bills.store.db, turn, { clock: bills.clock, counts: false })
  if (lease?.bill.state !== 'stored') return
  try {
    await (lease.bill.kind === 'trade' ? reconcileTradeBill(bills, lease) : reconcileFlowBill(bills, lease))
  } catch (error) {
    if (error instanceof BillOvertakenError) return
    if (error instanceof BillBrokenError) return setBillAside(bills, lease, { code: 'broken', detail: error.message })
    if (error instanceof BillOfAnotherMerchantError) return setBillAside(bills, lease, { code: 'other-merchant', detail: error.message })
    throw error
  }
}
