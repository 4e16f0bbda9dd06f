import type { BillView, DiscrepancyView } from 'wxpay-core/contract'
import type { Discrepancy } from '../domain/discrepancy.ts'
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

export function presentDiscrepancy(discrepancy: Discrepancy): DiscrepancyView {
  return {
    discrepancyId: discrepancy.id,
    class: discrepancy.class,
    state: discrepancy.state,
    billDate: discrepancy.billDate,
    outTradeNo: discrepancy.outTradeNo,
    outRefundNo: discrepancy.outRefundNo,
    transactionId: discrepancy.transactionId,
    oursFen: discrepancy.oursFen,
    theirsFen: discrepancy.theirsFen,
    detail: discrepancy.detail,
    openedAt: discrepancy.openedAt.toISOString(),
    resolvedAt: discrepancy.resolvedAt?.toISOString() ?? null,
    resolver: discrepancy.resolver,
    reason: discrepancy.reason,
  }
}
