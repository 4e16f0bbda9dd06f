import type { RefundNotice } from 'wxpay-core/protocol'
import type { Checkout } from '../../domain/order.ts'
import type { OrderChange } from '../../storage/changeOrder.ts'
import type { Tx } from '../../storage/database.ts'
import { wasHint, type ReceivedNotice } from '../../storage/notices.ts'
import { findReportedRefunds } from '../../storage/refunds.ts'
import type { NoticeOutcome } from '../commands.ts'
import { findPaymentOf } from './findPaymentOf.ts'
import { applyRefundReport } from './recordRefundReport.ts'

type SignedNotice = Extract<RefundNotice, { outcome: 'refund' }>
type HintNotice = Extract<RefundNotice, { outcome: 'refund-hint' }>

export interface RecordedNotice {
  outcome: NoticeOutcome
  anomalies: readonly string[]
}

export async function recordRefundNotice(
  notice: RefundNotice,
  { checkout, tx, at }: { checkout: Checkout; tx: Tx; at: Date },
): Promise<OrderChange<RecordedNotice>> {
  return notice.outcome === 'refund' ? recordSigned(notice, { checkout, tx, at }) : recordHint(notice, { checkout, tx })
}

/** Applied at once. Before its payment is known to be paid it is kept and not acknowledged, so that it comes again (rule R10). */
async function recordSigned(
  notice: SignedNotice,
  { checkout, tx, at }: { checkout: Checkout; tx: Tx; at: Date },
): Promise<OrderChange<RecordedNotice>> {
  const { refund: reported, protocol, requestId } = notice
  const change = await applyRefundReport(checkout, tx, { reported, protocol, source: 'notice', requestId, at })
  const { outcome: recorded, anomalies } = change.result
  const outcome = recorded === 'too-early' ? 'unknown-payment' : recorded
  const paymentId = outcome === 'unknown-payment' ? null : findPaymentOf(checkout, reported.outTradeNo).id
  return { ...change, notice: { notice, paymentId, outcome }, result: { outcome, anomalies } }
}

/**
 * Encrypted and not signed: whoever has an old message can send it again, or a mixture of two. It is stored with a job that asks WeChat, in one
 * transaction, and changes nothing (rule R20). A repeat asks nothing, unless its payment was not here before; nor does word of a refund that has
 * succeeded, which nothing outranks.
 */
async function recordHint(notice: HintNotice, { checkout, tx }: { checkout: Checkout; tx: Tx }): Promise<OrderChange<RecordedNotice>> {
  const { protocol, outTradeNo, outRefundNo, refundId } = notice
  const { id } = findPaymentOf(checkout, outTradeNo)
  const isRepeat = await wasHint(tx, notice)
  const kept: ReceivedNotice = { notice, paymentId: id, outcome: 'hint' }
  const [known, another] = await findReportedRefunds(tx, notice)
  const isSettled = known?.status === 'success' && another === undefined && known.refundId === refundId
  if (isRepeat || isSettled) return { notice: kept, result: { outcome: 'repeat', anomalies: [] } }
  return {
    notice: kept,
    jobs: [{ name: 'confirm-refund', data: { protocol, outTradeNo, outRefundNo, refundId } }],
    result: { outcome: 'hint', anomalies: [] },
  }
}
