import { billPosting } from '../../domain/ledger.ts'
import { lockComparedBill, readConfirmed, sumConfirmed } from '../../storage/billConfirmations.ts'
import type { OrderStore } from '../../storage/changeOrder.ts'
import { insertPostings } from '../../storage/ledger.ts'

/**
 * Posts what a bill confirms beyond what it had confirmed before. To be called whenever a bill was compared or one of its differences has
 * gone: a repeat posts nothing, and a refund that closed after its day takes its share back.
 */
export async function confirmBill({ db, clock }: Pick<OrderStore, 'db' | 'clock'>, billId: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    if (!(await lockComparedBill(tx, billId))) return
    const now = await sumConfirmed(tx, billId)
    const before = await readConfirmed(tx, billId)
    const more = { netFen: now.netFen - before.netFen, feesFen: now.feesFen - before.feesFen }
    await insertPostings(tx, { billId }, billPosting(billId, before.postings, more), clock.now())
  })
}
