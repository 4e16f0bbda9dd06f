import { toFen, type Fen } from 'wxpay-core/money'
import { assertNever } from './assertNever.ts'
import type { Payment } from './payment.ts'

/**
 * Why it was begun. `operator`: the shop asked for it. `duplicate`, `late`: by itself, because an order was paid twice or after it was closed.
 * `wechat`: in WeChat's merchant platform; we heard of it by a notice, a query or a bill.
 */
export type RefundOrigin = 'operator' | 'duplicate' | 'late' | 'wechat'

/**
 * `submitting`: stored, that WeChat has accepted it is not known. `processing`: accepted, the money is on its way. `closed`: it did not go
 * back; another try takes another number. `needs-attention`: the payer's bank did not take it, a person must settle it in WeChat's merchant
 * platform. `refused`: WeChat finally said no.
 */
export type RefundStatus = 'submitting' | 'processing' | 'success' | 'closed' | 'needs-attention' | 'refused'

/** Money that goes back for one payment, under a number of its own. */
export interface Refund {
  readonly id: string
  readonly paymentId: string
  readonly outRefundNo: string
  readonly origin: RefundOrigin
  readonly protocol: string
  readonly refundFen: Fen
  readonly reason: string | null
  readonly status: RefundStatus
  /** The merchant's balance at WeChat is too small; it is tried again. */
  readonly waitingFor: 'funds' | null
  /** WeChat's number; null until it has accepted it. */
  readonly refundId: string | null
  readonly payerRefundFen: Fen | null
  readonly receivedAccount: string | null
  /** WeChat's words when it finally refused. */
  readonly refusal: { code: string; description: string } | null
  readonly createdAt: Date
  readonly acceptedAt: Date | null
  /** WeChat's time. */
  readonly succeededAt: Date | null
  /** When we heard how it ended. */
  readonly recordedAt: Date | null
}

/** WeChat's verified word on a refund. */
export interface RefundReport {
  readonly transactionId: string
  readonly outRefundNo: string
  readonly refundId: string
  /** Of the whole payment. */
  readonly totalFen: Fen
  readonly refundFen: Fen
  readonly state: 'processing' | 'success' | 'closed' | 'abnormal'
  readonly succeededAt: Date | null
  readonly payerRefundFen: Fen | null
  readonly receivedAccount: string | null
}

export type RefundEvent =
  | { readonly type: 'reported'; readonly report: RefundReport; readonly at: Date }
  | { readonly type: 'no-funds' }
  | { readonly type: 'refused'; readonly code: string; readonly description: string; readonly at: Date }

/** What a report says in our words. */
const statusOf = {
  processing: 'processing',
  success: 'success',
  closed: 'closed',
  abnormal: 'needs-attention',
} as const satisfies Record<RefundReport['state'], RefundStatus>

/** Messages overtake each other, and a refund only goes forward. A refusal of ours ranks below everything that WeChat says of the number later. */
const rank: Readonly<Record<RefundStatus, number>> = {
  submitting: 0,
  refused: 0,
  processing: 1,
  'needs-attention': 2,
  closed: 3,
  success: 4,
}

/** Returns the very same object when nothing changes, so that a message that comes twice writes nothing. */
export function applyRefundEvent(refund: Refund, event: RefundEvent): Refund {
  switch (event.type) {
    case 'reported':
      return reported(refund, event)
    case 'no-funds':
      return refund.status === 'submitting' && refund.waitingFor === null ? { ...refund, waitingFor: 'funds' } : refund
    case 'refused':
      return refund.status === 'submitting'
        ? {
            ...refund,
            status: 'refused',
            waitingFor: null,
            refusal: { code: event.code, description: event.description },
            recordedAt: event.at,
          }
        : refund
    default:
      return assertNever(event)
  }
}

function reported(refund: Refund, { report, at }: { report: RefundReport; at: Date }): Refund {
  const status = statusOf[report.state]
  if (rank[status] <= rank[refund.status]) return refund
  return {
    ...refund,
    status,
    waitingFor: null,
    refusal: null,
    refundId: report.refundId,
    payerRefundFen: report.payerRefundFen ?? refund.payerRefundFen,
    receivedAccount: report.receivedAccount ?? refund.receivedAccount,
    acceptedAt: refund.acceptedAt ?? at,
    succeededAt: status === 'success' ? report.succeededAt : null,
    recordedAt: isOver(status) ? at : null,
  }
}

/** Nothing more will be heard of it. */
export function isOver(status: RefundStatus): boolean {
  return status === 'success' || status === 'closed' || status === 'refused'
}

/** Its money is on its way back, gone, or may be: it counts against what was paid (rule R18). */
export function holdsMoney(status: RefundStatus): boolean {
  return status !== 'closed' && status !== 'refused'
}

/** What a refund that WeChat began by itself is to us from the moment we hear of it. */
export function begunAtWechat(
  payment: Pick<Payment, 'id'>,
  { report, protocol, at }: { report: RefundReport; protocol: string; at: Date },
): Omit<Refund, 'id'> {
  const { outRefundNo, refundFen } = report
  const unheardOf: Omit<Refund, 'id'> = {
    paymentId: payment.id,
    outRefundNo,
    origin: 'wechat',
    protocol,
    refundFen,
    reason: null,
    status: 'submitting',
    waitingFor: null,
    refundId: null,
    payerRefundFen: null,
    receivedAccount: null,
    refusal: null,
    createdAt: at,
    acceptedAt: null,
    succeededAt: null,
    recordedAt: null,
  }
  return reported({ id: '', ...unheardOf }, { report, at })
}

/** Why a report cannot be about this refund of this payment, or null when it fits: money is not moved in our books on words that do not fit. */
export function refundMismatch(
  payment: Pick<Payment, 'transactionId' | 'totalFen' | 'id'>,
  refund: Refund | undefined,
  report: RefundReport,
): 'transaction-id' | 'total' | 'payment' | 'number' | 'amount' | null {
  if (report.transactionId !== payment.transactionId) return 'transaction-id'
  if (report.totalFen !== payment.totalFen) return 'total'
  if (!refund) return null
  if (refund.paymentId !== payment.id) return 'payment'
  if (refund.outRefundNo !== report.outRefundNo) return 'number'
  if (refund.refundId !== null && refund.refundId !== report.refundId) return 'number'
  return refund.refundFen === report.refundFen ? null : 'amount'
}

/** What the refunds of a payment hold of it. `exceeds`: more went back at WeChat than was paid, as far as we know. */
export function reserve(
  payment: Payment,
  refunds: readonly Pick<Refund, 'status' | 'refundFen'>[],
): { payment: Payment; exceeds: boolean } {
  const held = refunds.filter(({ status }) => holdsMoney(status)).reduce((sum, { refundFen }) => sum + refundFen, 0)
  const reservedRefundFen = toFen(Math.min(held, payment.totalFen))
  return {
    payment: reservedRefundFen === payment.reservedRefundFen ? payment : { ...payment, reservedRefundFen },
    exceeds: held > payment.totalFen,
  }
}
