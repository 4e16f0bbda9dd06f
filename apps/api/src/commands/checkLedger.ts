import { boundaryMs, refundLagMs } from '../domain/billDays.ts'
import { judgeLedger, type LedgerFigures, type LedgerProblem } from '../domain/ledgerCheck.ts'
import { insertEvents } from '../storage/events.ts'
import { listComparedBills, readLedgerFigures } from '../storage/ledgerCheck.ts'
import type { PaymentContext } from './context.ts'
import { confirmBill } from './steps/confirmBill.ts'

export interface LedgerReport {
  figures: LedgerFigures
  problems: readonly LedgerProblem[]
}

export interface CheckLedgerContext {
  payments: Pick<PaymentContext, 'store' | 'alarms' | 'mchId'>
  /** Told the figures of every check. */
  show: (figures: LedgerFigures) => void
}

/**
 * Whether the flows clear and agree with the bills: what waits at WeChat is what no bill has confirmed, everything old enough stands in a
 * bill or is a discrepancy, and nobody owes anybody anything for an order with which nothing is wrong. It changes no money and mends nothing.
 */
export async function checkLedger({ payments, show }: CheckLedgerContext): Promise<LedgerReport> {
  const { store, alarms, mchId } = payments
  // A difference may have gone, or a refund of an old bill have closed, since that bill was compared.
  for (const billId of await listComparedBills(store.db, mchId)) await confirmBill(store, billId)
  const figures = await readLedgerFigures(store.db, mchId, { boundaryMs, refundLagMs })
  const problems = judgeLedger(figures)
  show(figures)
  if (problems.length > 0) {
    const events = problems.map((type) => ({ type: `${type}.differs`, source: 'clock' as const, data: { ...figures } }))
    await store.db.transaction().execute((tx) => insertEvents(tx, null, events, store.clock.now()))
  }
  for (const problem of problems) alarms.books(problem, figures)
  return { figures, problems }
}
