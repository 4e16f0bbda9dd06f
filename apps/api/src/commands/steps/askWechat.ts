import type { QueryAnswer } from 'wxpay-core/protocol'
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

/** Asks WeChat about a payment, and records money that it reports. Everything else is left to the caller. */
export async function askWechat(
  context: PaymentContext,
  payment: CallablePayment,
  source: Extract<EventSource, 'query' | 'operator'>,
): Promise<Asked> {
  const { store, policy, alarms } = context
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
  const changed = await changeOrder(store, { outTradeNo: payment.outTradeNo }, (checkout) => {
    const before = findPaymentOf(checkout, payment.outTradeNo)
    const change = recordTrade(checkout, before, {
      trade: answer.trade,
      requestId: answer.requestId,
      source,
      at: store.clock.now(),
      policy,
    })
    const after = change.payments?.[0] ?? before
    return { ...change, result: { recorded: change.result, anomalies: newAnomalies(before, after) } }
  })
  if (!changed) throw new Error(`payment ${payment.outTradeNo} has no order`)
  for (const anomaly of changed.result.anomalies) alarms.anomaly(anomaly, { outTradeNo: payment.outTradeNo })
  return { state: 'paid', recorded: changed.result.recorded, answer }
}
