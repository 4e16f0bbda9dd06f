import type { Payment } from '../../domain/payment.ts'
import type { Refund, RefundStatus } from '../../domain/refund.ts'
import type { NewEvent } from '../../storage/events.ts'
import type { RefundReported } from './refundReported.ts'

const types: Partial<Record<RefundStatus, string>> = {
  processing: 'refund.accepted',
  success: 'refund.succeeded',
  closed: 'refund.closed',
  'needs-attention': 'refund.needs_attention',
}

/** A person has something to do, or to know. */
const alarms: Partial<Record<RefundStatus, string>> = { closed: 'refund-closed', 'needs-attention': 'refund-needs-attention' }

/** What WeChat said, for the history. */
export function factsOf({ reported, requestId }: RefundReported): Record<string, unknown> {
  const { outRefundNo, refundId, transactionId, totalFen, refundFen, payerRefundFen, receivedAccount, state, succeededAt } = reported
  const facts = { outRefundNo, refundId, transactionId, totalFen, refundFen, payerRefundFen, receivedAccount, state, requestId }
  return { ...facts, succeededAt: succeededAt && succeededAt.toISOString() }
}

export function eventsOf(
  payment: Payment,
  { after, report, exceeds }: { after: Pick<Refund, 'status'>; report: RefundReported; exceeds: boolean },
): NewEvent[] {
  const about = { source: report.source, paymentId: payment.id, data: factsOf(report) }
  const type = types[after.status]
  return [...(type === undefined ? [] : [{ ...about, type }]), ...(exceeds ? [{ ...about, type: 'refund.exceeds_payment' }] : [])]
}

export function alarmsOf({ status }: Pick<Refund, 'status'>, exceeds: boolean): string[] {
  const alarm = alarms[status]
  return [...(alarm === undefined ? [] : [alarm]), ...(exceeds ? ['refund-exceeds-payment'] : [])]
}
