import { boundaryMs, refundLagMs } from '../domain/billDays.ts'
import { judgeLedger, type LedgerFigures, type LedgerProblem } from '../domain/ledgerCheck.ts'
import type { OrderStore } from '../storage/changeOrder.ts'
import { insertEvents } from '../storage/events.ts'
import { listComparedBills, readLedgerFigures } from '../storage/ledgerCheck.ts'
import type { PaymentContext } from './context.ts'
import { confirmBill } from './steps/confirmBill.ts'

export interface LedgerReport {
  figures: LedgerFigures
  problems: readonly LedgerProblem[]
}

export interface CheckLedgerContext {
  /** On connections whose statements may take as long as those about a bill of a million rows. */
  store: Pick<OrderStore, 'db' | 'clock'>
  mchId: string
  alarms: Pick<PaymentContext['alarms'], 'books'>
  /** Told the figures of every check. */
  show: (figures: LedgerFigures) => void
}

/**
 * Whether the flows clear and agree with the bills: what waits at WeChat is what no bill has confirmed, everything old enough stands in a
 * bill or is a discrepancy, and nobody owes anybody anything for an order with which nothing is wrong. It changes no money and mends nothing.
 */
export async function checkLedger(context: CheckLedgerContext): Promise<LedgerReport> {
  const { store, alarms, show } = context
  let figures = await confirmAndRead(context)
  // What a bill has and was booked between the two looks was not confirmed yet: the second time it is.
  if (judgeLedger(figures).length > 0) figures = await confirmAndRead(context)
  const problems = judgeLedger(figures)
  show(figures)
  if (problems.length > 0) {
    const events = problems.map((problem) => ({ type: 'ledger.differs', source: 'clock' as const, data: { problem, ...figures } }))
    await store.db.transaction().execute((tx) => insertEvents(tx, null, events, store.clock.now()))
  }
  for (const problem of problems) alarms.books(problem, figures)
  return { figures, problems }
}

/** A difference may have gone, or a refund of an old bill have closed, since that bill was compared. */
async function confirmAndRead({ store, mchId }: CheckLedgerContext): Promise<LedgerFigures> {
  for (const billId of await listComparedBills(store.db, mchId)) await confirmBill(store, billId)
  return readLedgerFigures(store.db, mchId, { boundaryMs, refundLagMs })
}
