import { readTradeBillInBatches } from 'wxpay-core/protocol'
import type { BillLease } from '../../storage/billDuties.ts'
import { readPlain } from '../../storage/billPieces.ts'
import { replaceTradeRows, type TradeTotals } from '../../storage/billRows.ts'
import { inTransaction } from '../../storage/billTransactions.ts'
import type { BillContext } from '../billContext.ts'
import { compareTrades } from './compareTrades.ts'
import { finishBill } from './finishBill.ts'
import { noRows } from './noRows.ts'

/**
 * The rows first, in a transaction of their own, and then what they say: while a million rows are read, nothing waits for it.
 *
 * @throws {BillBrokenError} @throws {BillOfAnotherMerchantError} @throws {BillOvertakenError}
 */
export async function reconcileTradeBill(context: BillContext, lease: BillLease): Promise<void> {
  const { store } = context
  const { id: billId } = lease.bill
  const totals = await inTransaction(store.pool, (client) =>
    replaceTradeRows(client, rowsOf(context, lease), { billId, onBatch: () => lease.keep() }),
  )
  await finishBill(context, lease, {
    rows: totals.payments + totals.refunds + totals.revoked,
    totals: inFen(totals),
    compare: (tx, now) => compareTrades(tx, { bill: lease.bill, now }),
  })
}

function rowsOf({ store }: BillContext, { bill }: BillLease) {
  return bill.isEmpty ? noRows() : readTradeBillInBatches(readPlain(store.db, bill.id), { mchId: bill.mchId })
}

function inFen({ feeMilliFen, revoked, ...sums }: TradeTotals): Record<string, number> {
  return { ...sums, feeFen: Math.round(feeMilliFen / 1_000), ...(revoked > 0 && { revoked }) }
}
