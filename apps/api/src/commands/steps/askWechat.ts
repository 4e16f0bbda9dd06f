import type { QueryAnswer } from 'wxpay-core/protocol'
import { refundsOf } from '../../domain/order.ts'
import { changeOrder } from '../../storage/changeOrder.ts'
import type { EventSource } from '../../storage/tables.ts'
import type { PaymentContext } from '../context.ts'
import { callWechat, type CallablePayment } from './callWechat.ts'
import { findPaymentOf } from './findPaymentOf.ts'
import { newAnomalies, recordTrade, type TradeOutcome } from './recordTrade.ts'
import { tradeOf } from './tradeOf.ts'

/** What WeChat says of a payment; `paid` has been recorded already, by the policy, and never ignored (rule R17). */
export type Asked =
  | { state: 'paid'; recorded: TradeOutcome; answer: QueryAnswer }
  | { state: 'pending' | 'closed' | 'not-found'; answer: QueryAnswer }
  | { state: 'unknown'; rateLimited: boolean }

/** What led to the question. `bill`: a bill has money that we do not know of; the answer counts as much as that of any query. */
export type AskSource = Extract<EventSource, 'query' | 'operator' | 'bill'>

/** Asks WeChat about a payment, and records money that it reports. Everything else is left to the caller. */
export async function askWechat(context: PaymentContext, payment: CallablePayment, source: AskSource): Promise<Asked> {
  const asked = await callWechat(context, {
    call: 'query',
    payment,
    send: (wechat) => wechat.query(tradeOf(payment)),
    nameOf: ({ state }) => state,
  })
  if (asked.outcome === 'refused') return { state: 'unknown', rateLimited: false }
  if (asked.outcome === 'unknown') return { state: 'unknown', rateLimited: asked.error.rateLimited }
  const { answer } = asked
  if (answer.state !== 'paid') return { state: answer.state, answer }
  return { state: 'paid', recorded: await recordPaid(context, payment.outTradeNo, { answer, source }), answer }
}

type PaidAnswer = Extract<QueryAnswer, { state: 'paid' }>

async function recordPaid(
  context: PaymentContext,
  outTradeNo: string,
  { answer, source }: { answer: PaidAnswer; source: AskSource },
): Promise<TradeOutcome> {
  const { store, alarms } = context
  const { trade, requestId } = answer
  const changed = await changeOrder(store, { outTradeNo }, (checkout) => {
    const payment = findPaymentOf(checkout, outTradeNo)
    const change = recordTrade(context, { before: checkout, payment }, { trade, requestId, source, at: store.clock.now() })
    const anomalies = newAnomalies(payment, change.payments?.[0] ?? payment)
    if (!answer.refunded || change.result === 'repeat' || refundsOf(checkout, payment).length > 0) {
      return { ...change, result: { recorded: change.result, anomalies } }
    }
    // Somebody has sent money back in WeChat's merchant platform before we knew that it had come. Which refund it is, its notice or the bill tells.
    const event = { type: 'payment.refunded_at_wechat', source, paymentId: payment.id, data: { requestId } }
    return {
      ...change,
      events: [...(change.events ?? []), event],
      result: { recorded: change.result, anomalies: [...anomalies, 'refunded-at-wechat'] },
    }
  })
  if (!changed) throw new Error(`payment ${outTradeNo} has no order`)
  for (const anomaly of changed.result.anomalies) alarms.anomaly(anomaly, { outTradeNo })
  return changed.result.recorded
}
