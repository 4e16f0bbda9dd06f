import type { BillView } from 'wxpay-core/contract'
import type { BillRecord } from '../domain/records.ts'

export function presentBill({ bill, openDiscrepancies }: BillRecord): BillView {
  return {
    billId: bill.id,
    kind: bill.kind,
    billDate: bill.billDate,
    state: bill.state,
    problem: bill.problem && { code: bill.problem.code, detail: bill.problem.detail },
    rows: bill.rows,
    totals: bill.totals && { ...bill.totals },
    openDiscrepancies,
    tries: bill.tries,
    nextTryAt: bill.nextTryAt?.toISOString() ?? null,
    storedAt: bill.storedAt?.toISOString() ?? null,
    reconciledAt: bill.reconciledAt?.toISOString() ?? null,
  }
}
