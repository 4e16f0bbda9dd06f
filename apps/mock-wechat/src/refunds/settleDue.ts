import type { Clock } from '../clock.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** Finishes every refund whose time has come, in the order of their times, each as of its own moment. */
export function settleDue(ledger: Ledger, clock: Clock): void {
  const now = clock.now()
  const due = ledger.refunds.pending().flatMap((refund) => (refund.due && refund.due.at <= now ? [{ refund, ...refund.due }] : []))
  for (const { refund, at, status } of due.toSorted((a, b) => a.at - b.at))
    ledger.finishRefund(refund, status, { at, realAt: clock.told(at) })
}

/** Virtual milliseconds; undefined when no refund finishes by itself. */
export function nextDueRefund(ledger: Ledger): number | undefined {
  const times = ledger.refunds.pending().flatMap(({ due }) => due?.at ?? [])
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b))
}
