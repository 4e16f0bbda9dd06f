import type { RefundView } from 'wxpay-core/contract'
import type { RefundRecord } from '../domain/records.ts'

/** A refund as operators see it. */
export function presentRefund({ refund, outTradeNo, orderNo }: RefundRecord): RefundView {
  return {
    outRefundNo: refund.outRefundNo,
    refundId: refund.refundId,
    outTradeNo,
    orderNo,
    amountFen: refund.refundFen,
    reason: refund.reason,
    origin: refund.origin,
    status: refund.status,
    waitingFor: refund.waitingFor,
    receivedAccount: refund.receivedAccount,
    refusal: refund.refusal && { code: refund.refusal.code, description: refund.refusal.description },
    createdAt: refund.createdAt.toISOString(),
    acceptedAt: refund.acceptedAt?.toISOString() ?? null,
    succeededAt: refund.succeededAt?.toISOString() ?? null,
  }
}
