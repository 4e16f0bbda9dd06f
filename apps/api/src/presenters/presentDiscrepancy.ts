import type { DiscrepancyView } from 'wxpay-core/contract'
import type { Discrepancy } from '../domain/discrepancy.ts'

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
