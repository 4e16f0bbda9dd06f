import { refundsOf, type Checkout } from '../../domain/order.ts'
import type { Payment } from '../../domain/payment.ts'
import { applyRefundEvent, begunAtWechat, refundMismatch, reserve, type Refund } from '../../domain/refund.ts'
import { refundQueryGapMs } from '../../domain/refundLadder.ts'
import { changeOrder, type OrderChange } from '../../storage/changeOrder.ts'
import type { Tx } from '../../storage/database.ts'
import { hasRefundEvent, type NewEvent } from '../../storage/events.ts'
import { findReportedRefunds } from '../../storage/refunds.ts'
import type { PaymentContext } from '../context.ts'
import { findPaymentOf } from './findPaymentOf.ts'
import { alarmsOf, eventsOf, factsOf } from './refundEvents.ts'
import type { RefundReported } from './refundReported.ts'

/**
 * `applied`: something changed. `flagged`: the report does not fit what we know, and nothing was changed. `too-early`: its payment is not known
 * to be paid; nothing was changed, and it has to come again (rule R10). `unknown-payment`: we have no such payment.
 */
export type RefundOutcome = 'applied' | 'repeat' | 'flagged' | 'too-early' | 'unknown-payment'

export interface RefundRecorded {
  outcome: RefundOutcome
  /** What somebody must hear of. */
  anomalies: readonly string[]
}

/** Writes down what WeChat says of a refund: the one way in for answers, queries, signed notices and bills. */
export async function recordRefundReport(context: PaymentContext, report: RefundReported): Promise<RefundOutcome> {
  const { outTradeNo, outRefundNo } = report.reported
  const changed = await changeOrder(context.store, { outTradeNo }, (checkout, tx) =>
    applyRefundReport(checkout, tx, { ...report, at: context.store.clock.now() }),
  )
  if (!changed) return 'unknown-payment'
  for (const anomaly of changed.result.anomalies) context.alarms.anomaly(anomaly, { outTradeNo, outRefundNo })
  return changed.result.outcome
}

type Report = RefundReported & { at: Date }

/** What a report does to an order, for whoever has something else to write in the same transaction. */
export async function applyRefundReport(checkout: Checkout, tx: Tx, report: Report): Promise<OrderChange<RefundRecorded>> {
  const { reported } = report
  const payment = findPaymentOf(checkout, reported.outTradeNo)
  if (payment.status !== 'paid') return { result: { outcome: 'too-early', anomalies: [] } }
  const [known, another] = await findReportedRefunds(tx, reported)
  const mismatch = another ? 'number' : refundMismatch(payment, known, reported)
  if (mismatch) return flagMismatch(tx, payment, { report, mismatch })
  const refunds = refundsOf(checkout, payment)
  return known ? follow(payment, { refunds, known, report }) : begin(payment, { refunds, report })
}

/** Told once per refund: a query that sees it comes again and again. */
async function flagMismatch(
  tx: Tx,
  payment: Payment,
  { report, mismatch }: { report: Report; mismatch: string },
): Promise<OrderChange<RefundRecorded>> {
  const { outRefundNo } = report.reported
  const type = 'refund.mismatch'
  if (await hasRefundEvent(tx, { orderId: payment.orderId, type, outRefundNo })) return { result: { outcome: 'flagged', anomalies: [] } }
  const data = { ...factsOf(report), mismatch }
  return {
    events: [{ type, source: report.source, paymentId: payment.id, data }],
    result: { outcome: 'flagged', anomalies: ['refund-mismatch'] },
  }
}

function follow(
  payment: Payment,
  { refunds, known, report }: { refunds: readonly Refund[]; known: Refund; report: Report },
): OrderChange<RefundRecorded> {
  const after = applyRefundEvent(known, { type: 'reported', report: report.reported, at: report.at })
  if (after === known) return { result: { outcome: 'repeat', anomalies: [] } }
  const others = refunds.filter(({ id }) => id !== known.id)
  const reserved = reserve(payment, [...others, after])
  return {
    payments: [reserved.payment],
    refunds: [{ before: known, after, nextQueryAt: firstQueryAt(after, report.at) }],
    ...told(payment, { after, report, exceeds: reserved.exceeds && reserved.payment !== payment, events: [] }),
  }
}

/** The money has gone whether or not it may: what we reserve for it stops at what was paid, and somebody hears of the rest. */
function begin(payment: Payment, { refunds, report }: { refunds: readonly Refund[]; report: Report }): OrderChange<RefundRecorded> {
  const { reported, protocol, at, source } = report
  const after = begunAtWechat(payment, { report: reported, protocol, at })
  const reserved = reserve(payment, [...refunds, after])
  const begun: NewEvent = { type: 'refund.begun_at_wechat', source, paymentId: payment.id, data: factsOf(report) }
  return {
    payments: [reserved.payment],
    newRefunds: [{ refund: after, request: null, nextSubmitAt: null, nextQueryAt: firstQueryAt(after, at) }],
    ...told(payment, { after, report, exceeds: reserved.exceeds, events: [begun] }),
  }
}

function told(
  payment: Payment,
  { after, report, exceeds, events }: { after: Omit<Refund, 'id'>; report: Report; exceeds: boolean; events: readonly NewEvent[] },
): Pick<OrderChange<RefundRecorded>, 'events' | 'result'> {
  return {
    events: [...events, ...eventsOf(payment, { after, report, exceeds })],
    result: { outcome: 'applied', anomalies: alarmsOf(after, exceeds) },
  }
}

function firstQueryAt({ status }: Pick<Refund, 'status'>, at: Date): Date | null {
  const gapMs = refundQueryGapMs({ status, queries: 0, ageMs: 0 })
  return gapMs === null ? null : new Date(at.getTime() + gapMs)
}
