import { readFundFlowBillInBatches } from 'wxpay-core/protocol'
import { beijingDayBounds, dayAfter, dayBefore } from '../../domain/beijingDay.ts'
import { boundaryMs } from '../../domain/billDays.ts'
import { dueMoveOf } from '../../domain/closedRefundFlow.ts'
import type { BillLease } from '../../storage/billDuties.ts'
import { readPlain } from '../../storage/billPieces.ts'
import { changeBill, findBillOfDay, findTradeBills } from '../../storage/bills.ts'
import { inTransaction } from '../../storage/billTransactions.ts'
import type { Tx } from '../../storage/database.ts'
import { openDiscrepancies } from '../../storage/discrepancies.ts'
import { compareFlow, loadFlow, type FlowDifference, type FlowTotals } from '../../storage/flowComparison.ts'
import { findClosedRefunds, keepRefundMoves, type FlowBill } from '../../storage/refundMoves.ts'
import type { BillContext } from '../billContext.ts'
import type { Opened } from './compareTrades.ts'
import { finishBill } from './finishBill.ts'
import { noRows } from './noRows.ts'

/** The trade bill of the day is not compared yet. */
const waitMs = 600_000

/**
 * What moved on the account has to be what the trades of the day come to.
 *
 * @throws {BillBrokenError} @throws {BillOvertakenError}
 */
export async function reconcileFlowBill(context: BillContext, lease: BillLease): Promise<void> {
  const { store, clock } = context
  const { bill } = lease
  const trades = await findBillOfDay(store.db, { ...bill, kind: 'trade' })
  if (!trades?.reconciledAt) {
    await changeBill(store.db, lease.turn, { next_try_at: new Date(clock.now().getTime() + waitMs) })
    return
  }
  const { totals, difference } = await measure(context, lease, trades.id)
  await finishBill(context, lease, {
    rows: totals.lines,
    totals: { ...totals },
    compare: (tx, now) => openDifference(tx, { billId: bill.id, billDate: bill.billDate, difference, now }),
  })
}

async function measure(
  { store }: BillContext,
  lease: BillLease,
  tradeBillId: string,
): Promise<{ totals: FlowTotals; difference: FlowDifference }> {
  const { id, mchId, billDate, isEmpty } = lease.bill
  const around = { mchId, from: dayBefore(billDate), to: dayAfter(billDate) }
  const adjacent = await store.db.transaction().execute((tx) => findTradeBills(tx, around))
  const { from, to } = beijingDayBounds(billDate)
  const flow: FlowBill = {
    billId: id,
    mchId,
    tradeBillId,
    closedFrom: new Date(from.getTime() - boundaryMs),
    closedBefore: new Date(to.getTime() - boundaryMs),
  }
  return inTransaction(store.pool, async (client) => {
    const totals = await loadFlow(client, isEmpty ? noRows() : readFundFlowBillInBatches(readPlain(store.db, id)), () => lease.keep())
    await keepRefundMoves(client, flow)
    const closed = (await findClosedRefunds(client, flow)).map((refund) => ({ refundId: refund.refundId, milliFen: dueMoveOf(refund) }))
    return { totals, difference: await compareFlow(client, { tradeBillId, adjacentIds: adjacent.map((one) => one.id), closed }) }
  })
}

async function openDifference(
  tx: Tx,
  { billId, billDate, difference, now }: { billId: string; billDate: string; difference: FlowDifference; now: Date },
): Promise<Opened> {
  const { tradesFen, flowFen, numbers, examples } = difference
  if (numbers === 0) return {}
  const detail = `${numbers} of WeChat’s numbers moved another sum than the trade bill says, e.g. ${examples.join(', ')}`
  const found = { class: 'flow-differs' as const, oursFen: tradesFen, theirsFen: flowFen, detail }
  const about = { orderId: null, paymentId: null, refundId: null }
  const opened = await openDiscrepancies(
    tx,
    [{ billId, difference: found, number: billDate, about, outTradeNo: null, outRefundNo: null, transactionId: null }],
    { at: now, nextJudgeAt: null },
  )
  return Object.fromEntries(opened)
}
