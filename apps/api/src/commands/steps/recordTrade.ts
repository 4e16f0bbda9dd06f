import type { PaidTrade } from 'wxpay-core/protocol'
import { openPayment, settleOrder, type Checkout, type Order } from '../../domain/order.ts'
import { applyPaymentEvent, type Payment } from '../../domain/payment.ts'
import { automaticRefund } from '../../domain/planRefund.ts'
import type { OrderChange } from '../../storage/changeOrder.ts'
import type { NewEvent } from '../../storage/events.ts'
import type { JobRequest } from '../../storage/queues.ts'
import type { EventSource } from '../../storage/tables.ts'
import type { PaymentContext } from '../context.ts'
import { newRefund } from './newRefund.ts'

/** An owner hears of a payment that WeChat confirms and whose notice stays away for this long. */
const alarmConfirmingAfterMs = 600_000

/** `applied`: the payment is paid now. `confirming`: WeChat has it, the notice must come. `flagged`: something is wrong with the money. `repeat`: known already. */
export type TradeOutcome = 'applied' | 'confirming' | 'flagged' | 'repeat'

export interface TradeReport {
  trade: PaidTrade
  /** WeChat's own number of the message that tells it. */
  requestId: string | undefined
  /** `bill`: a query that a bill has led to. */
  source: Extract<EventSource, 'notice' | 'query' | 'operator' | 'bill'>
  at: Date
}

export type TradeContext = Pick<PaymentContext, 'policy' | 'wechat' | 'refundNotifyUrl'>

/**
 * What money that WeChat reports does to an order. Notices, queries and operators all come through here, with the
 * same checks; only what `paid` may be written by differs.
 */
export function recordTrade(
  context: TradeContext,
  { before, payment }: { before: Checkout; payment: Payment },
  report: TradeReport,
): OrderChange<TradeOutcome> {
  const { trade, source, at } = report
  const { policy } = context
  const isQuery = source === 'query' || source === 'bill'
  const mayPay = !isQuery || policy.paidBy === 'notice-or-query'
  const reported = applyPaymentEvent(payment, { type: mayPay ? 'paid' : 'confirming', trade, at })
  const settled = settleOrder(before, reported, policy.latePayment)
  const outcome = outcomeOf(payment, settled.payment)
  const back = sendBack(context, { payment, settled, report })
  return {
    order: settled.order,
    payments: [back?.payment ?? settled.payment],
    ...(back && { newRefunds: [back.refund] }),
    events: [...eventsOf({ before, payment, after: settled, report }), ...(back ? [back.event] : [])],
    turns: turnsOf(before, settled, at),
    jobs: jobsOf(before, settled, at),
    result: outcome,
  }
}

/** What the payer reads. */
const reasons = { duplicate: '重复支付，自动退款', late: '订单已关闭，自动退款' } as const

/**
 * The refund that follows by itself from money that the order does not want, in the transaction that records the money. Its number is made of
 * the payment's, so that there cannot be two (rule R12).
 */
function sendBack(context: TradeContext, { payment, settled, report }: { payment: Payment; settled: Settled; report: TradeReport }) {
  const { refundDuplicates, latePayment } = context.policy
  const states = { before: payment, after: settled.payment, order: settled.order }
  const origin = automaticRefund(states, { duplicates: refundDuplicates, latePayment })
  if (!origin) return undefined
  const { totalFen } = settled.payment
  const planned = {
    payment: { ...settled.payment, reservedRefundFen: totalFen },
    transactionId: report.trade.transactionId,
    refundFen: totalFen,
  }
  const outRefundNo = `${payment.outTradeNo}-back`
  const made = newRefund(context, { planned, outRefundNo, origin, reason: reasons[origin], source: report.source, now: report.at })
  return { payment: planned.payment, ...made }
}

function outcomeOf(before: Payment, after: Payment): TradeOutcome {
  if (after === before) return 'repeat'
  if (after.status === 'paid' && before.status !== 'paid') return 'applied'
  if (after.anomalies.length > before.anomalies.length) return 'flagged'
  return 'confirming'
}

interface Settled {
  order: Order
  payment: Payment
}

function eventsOf(input: { before: Checkout; payment: Payment; after: Settled; report: TradeReport }): NewEvent[] {
  const { before, payment, after } = input
  const { trade, source, requestId } = input.report
  const about = { source, paymentId: payment.id }
  const facts = {
    transactionId: trade.transactionId,
    totalFen: trade.totalFen,
    currency: trade.currency,
    paidAt: trade.paidAt.toISOString(),
    requestId,
  }
  const events: NewEvent[] = []
  if (after.payment.status === 'paid' && payment.status !== 'paid') {
    const wasClosed = before.order.status === 'closed'
    events.push({ ...about, type: wasClosed ? 'payment.paid_late' : 'payment.paid', data: { ...facts, payerFen: trade.payerFen } })
  }
  if (after.payment.confirmingSince && !payment.confirmingSince) events.push({ ...about, type: 'payment.confirming', data: facts })
  for (const anomaly of newAnomalies(payment, after.payment)) {
    events.push({ ...about, type: `payment.${anomaly}`, data: { ...facts, expectedFen: payment.totalFen } })
  }
  if (after.order !== before.order) events.push({ source, type: 'order.paid' })
  return events
}

export function newAnomalies(before: Payment, after: Payment): string[] {
  return after.anomalies.filter((anomaly) => !before.anomalies.includes(anomaly))
}

/** Another attempt that could still be paid is closed at once. */
function turnsOf(before: Checkout, { payment }: Settled, at: Date): NonNullable<OrderChange<unknown>['turns']> {
  const settledNow = payment.status === 'paid' || payment.confirmingSince !== null
  const other = openPayment(before.payments.filter(({ id }) => id !== payment.id))
  return settledNow && other ? [{ outTradeNo: other.outTradeNo, duty: 'close', at }] : []
}

function jobsOf(before: Checkout, after: Settled, at: Date): JobRequest[] {
  const { payment } = after
  const jobs: JobRequest[] = []
  const was = before.payments.find(({ id }) => id === payment.id)
  if (payment.confirmingSince && !was?.confirmingSince) {
    jobs.push({
      name: 'alarm-confirming',
      data: { outTradeNo: payment.outTradeNo },
      startAfter: new Date(at.getTime() + alarmConfirmingAfterMs),
    })
  }
  return jobs
}
