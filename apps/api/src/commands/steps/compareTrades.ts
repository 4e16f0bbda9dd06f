import { beijingDayBounds } from '../../domain/beijingDay.ts'
import type { Bill } from '../../domain/bill.ts'
import { boundaryMs, refundLagMs } from '../../domain/billDays.ts'
import { feeToleranceMilliFen, type DiscrepancyClass } from '../../domain/reconcile.ts'
import { differingPayments, differingRefunds, suspiciousFees, unbilledPayments, unbilledRefunds } from '../../storage/billDifferences.ts'
import type { Tx } from '../../storage/database.ts'
import { openDiscrepancies, type NewDiscrepancy } from '../../storage/discrepancies.ts'
import { feeDiscrepancy, paymentDiscrepancy, refundDiscrepancy } from './judgePairs.ts'
import { missingPayment, missingRefund, readNeighbours } from './missingInBills.ts'

export type Opened = Partial<Record<DiscrepancyClass, number>>

/**
 * Compares a trade bill with our books, both ways: every row that is not as ours, and everything of ours around its day that no bill has. Each
 * difference becomes a work item; nothing else is changed.
 *
 * @param tx - has the comparison to itself, and sees this bill among those that are compared
 */
export async function compareTrades(tx: Tx, { bill, now }: { bill: Bill; now: Date }): Promise<Opened> {
  const { id: billId, mchId, billDate } = bill
  const opened: Opened = {}
  const { from, to } = beijingDayBounds(billDate)
  const around = { mchId, from: new Date(from.getTime() - boundaryMs), to: new Date(to.getTime() + boundaryMs) }

  await openAll(tx, { opened, now, found: differingPayments(tx, { billId, mchId }), judge: (pair) => paymentDiscrepancy(billId, pair) })
  await openAll(tx, { opened, now, found: differingRefunds(tx, { billId, mchId }), judge: (pair) => refundDiscrepancy(billId, pair) })
  const fees = suspiciousFees(tx, { billId, mchId, toleranceMilliFen: feeToleranceMilliFen })
  await openAll(tx, { opened, now, found: fees, judge: (row) => feeDiscrepancy(billId, row), settles: 'person' })
  const neighbours = await readNeighbours(tx, { bill, now })
  const payments = unbilledPayments(tx, { ...around, billIds: neighbours.adjacentIds })
  await openAll(tx, { opened, now, found: payments, judge: (payment) => missingPayment(payment, neighbours) })
  const refunds = unbilledRefunds(tx, { ...around, lagMs: refundLagMs })
  await openAll(tx, { opened, now, found: refunds, judge: (refund) => missingRefund(refund, neighbours) })
  return opened
}

async function openAll<Row>(
  tx: Tx,
  {
    opened,
    now,
    found,
    judge,
    settles = 'time',
  }: {
    opened: Opened
    now: Date
    found: AsyncIterable<readonly Row[]>
    judge: (row: Row) => NewDiscrepancy | undefined
    /** `time`: both sides may agree one day, and what leads there is begun at once. */
    settles?: 'time' | 'person'
  },
): Promise<void> {
  for await (const rows of found) {
    const differences = rows.map(judge).filter((one) => one !== undefined)
    const counts = await openDiscrepancies(tx, differences, { at: now, nextJudgeAt: settles === 'time' ? now : null })
    for (const [kind, count] of counts) opened[kind] = (opened[kind] ?? 0) + count
  }
}
