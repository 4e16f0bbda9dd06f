import { toFen } from 'wxpay-core/money'
import type { Refund, RefundReport, RefundStatus } from '../domain/refund.ts'
import { usualProtocol } from './protocols.ts'

const submitting: Refund = {
  id: '1',
  paymentId: '1',
  outRefundNo: 'R00001',
  origin: 'operator',
  protocol: usualProtocol,
  refundFen: toFen(60),
  reason: null,
  status: 'submitting',
  waitingFor: null,
  refundId: null,
  payerRefundFen: null,
  receivedAccount: null,
  refusal: null,
  createdAt: new Date('2026-03-02T02:00:00Z'),
  acceptedAt: null,
  succeededAt: null,
  recordedAt: null,
}

const processing: Refund = { ...submitting, status: 'processing', refundId: '50300001', acceptedAt: new Date('2026-03-02T02:00:01Z') }
const ended = new Date('2026-03-02T02:05:00Z')

/** One refund of 60 fen, of the payment of 100 in paymentExamples.ts, in each of its states. */
export const refunds: Record<RefundStatus, Refund> = {
  submitting,
  processing,
  success: { ...processing, status: 'success', succeededAt: new Date('2026-03-02T02:04:59Z'), recordedAt: ended },
  closed: { ...processing, status: 'closed', recordedAt: ended },
  'needs-attention': { ...processing, status: 'needs-attention' },
  refused: { ...submitting, status: 'refused', refusal: { code: 'ERROR', description: '不能退款' }, recordedAt: ended },
}

/** WeChat's word on it. */
export const refundReport: RefundReport = {
  transactionId: '4200000001',
  outRefundNo: 'R00001',
  refundId: '50300001',
  totalFen: toFen(100),
  refundFen: toFen(60),
  state: 'processing',
  succeededAt: null,
  payerRefundFen: toFen(60),
  receivedAccount: '支付用户零钱',
}
