import { paymentNumberOf, type PaymentNotice, type RefundNotice } from 'wxpay-core/protocol'
import type { Checkout } from '../domain/order.ts'
import type { Payment } from '../domain/payment.ts'
import { changeOrder, type OrderChange } from '../storage/changeOrder.ts'
import type { Tx } from '../storage/database.ts'
import { insertEvents } from '../storage/events.ts'
import { insertNotice } from '../storage/notices.ts'
import type { NoticeOutcome } from './commands.ts'
import type { PaymentContext } from './context.ts'
import { findPaymentOf } from './steps/findPaymentOf.ts'
import { recordRefundNotice, type RecordedNotice } from './steps/recordRefundNotice.ts'
import { newAnomalies, recordTrade } from './steps/recordTrade.ts'

type PaidNotice = Extract<PaymentNotice, { outcome: 'paid' }>
type FailedNotice = Extract<PaymentNotice, { outcome: 'failed' }>
type Notice = PaymentNotice | RefundNotice

/**
 * Stores a verified notice and applies it, in one transaction (rule R6). The effect is deduplicated by the payment's
 * state, so a notice may come twice, late, or before the answer to our own create.
 */
export async function recordNotice(context: PaymentContext, notice: Notice): Promise<NoticeOutcome> {
  const outTradeNo = paymentNumberOf(notice)
  const changed = await changeOrder(context.store, { outTradeNo }, (checkout, tx) => record(context, { checkout, notice, tx }))
  if (!changed) return recordUnknown(context, notice, outTradeNo)
  for (const anomaly of changed.result.anomalies) context.alarms.anomaly(anomaly, { outTradeNo })
  return changed.result.outcome
}

function record(
  context: PaymentContext,
  { checkout, notice, tx }: { checkout: Checkout; notice: Notice; tx: Tx },
): Promise<OrderChange<RecordedNotice>> {
  if (notice.outcome === 'paid') return recordPaid(context, checkout, notice, tx)
  if (notice.outcome === 'failed') return recordFailed(context, checkout, notice, tx)
  return recordRefundNotice(notice, { checkout, tx, at: context.store.clock.now() })
}

async function recordPaid(context: PaymentContext, checkout: Checkout, notice: PaidNotice, tx: Tx): Promise<OrderChange<RecordedNotice>> {
  const { store } = context
  const at = store.clock.now()
  const before = findPaymentOf(checkout, notice.trade.outTradeNo)
  if (before.protocol !== notice.protocol) return recordForeign(store, before, notice, tx)
  const change = recordTrade(
    context,
    { before: checkout, payment: before },
    { trade: notice.trade, requestId: notice.requestId, source: 'notice', at },
  )
  const outcome = change.result === 'confirming' ? 'applied' : change.result
  const anomalies = newAnomalies(before, change.payments?.[0] ?? before)
  return { ...change, notice: { notice, paymentId: before.id, outcome }, result: { outcome, anomalies } }
}

/**
 * WeChat announces a payment by the protocol that it was made with, at the address that its create named. A notice by another one was
 * made by somebody who has that protocol's key, perhaps the weaker one, and not by WeChat: kept, alarmed, not acknowledged. Were
 * it WeChat after all, a query says so.
 */
async function recordForeign(
  { clock }: PaymentContext['store'],
  { id, protocol }: Payment,
  notice: PaidNotice,
  tx: Tx,
): Promise<OrderChange<RecordedNotice>> {
  const outcome = 'unknown-payment'
  const deliveries = await insertNotice(tx, { notice, paymentId: null, outcome }, clock.now())
  const data = { protocol: notice.protocol, madeWith: protocol, requestId: notice.requestId }
  return {
    events: deliveries === 1 ? [{ type: 'notice.other_protocol', source: 'notice', paymentId: id, data }] : [],
    result: { outcome, anomalies: ['other-protocol'] },
  }
}

/** WeChat's verified word that a payment did not succeed changes nothing: the payer may try again on the same code. */
async function recordFailed(
  { store }: PaymentContext,
  checkout: Checkout,
  notice: FailedNotice,
  tx: Tx,
): Promise<OrderChange<RecordedNotice>> {
  const payment = findPaymentOf(checkout, notice.outTradeNo)
  const deliveries = await insertNotice(tx, { notice, paymentId: payment.id, outcome: 'failed' }, store.clock.now())
  const { code, description, requestId } = notice
  return {
    events:
      deliveries === 1 ? [{ type: 'payment.failed', source: 'notice', paymentId: payment.id, data: { code, description, requestId } }] : [],
    result: { outcome: 'repeat', anomalies: [] },
  }
}

/** Money for a number that we do not know: kept, alarmed, and not acknowledged, so that it comes again (rule R9). */
async function recordUnknown({ store, alarms }: PaymentContext, notice: Notice, outTradeNo: string): Promise<NoticeOutcome> {
  const at = store.clock.now()
  await store.db.transaction().execute(async (tx) => {
    await insertNotice(tx, { notice, paymentId: null, outcome: 'unknown-payment' }, at)
    await insertEvents(
      tx,
      null,
      [{ type: 'notice.unknown_payment', source: 'notice', data: { outTradeNo, requestId: notice.requestId } }],
      at,
    )
  })
  alarms.anomaly('unknown-payment', { outTradeNo })
  return 'unknown-payment'
}
