import type { RefundQuery, WechatPay } from 'wxpay-core/protocol'
import type { PaymentContext } from '../context.ts'
import { callWechat, type CallablePayment } from './callWechat.ts'
import { recordRefundReport, type RefundOutcome } from './recordRefundReport.ts'
import { tradeOf } from './tradeOf.ts'

/** `found`: what WeChat says has been recorded already. */
export type AskedRefund = { state: 'found'; recorded: RefundOutcome } | { state: 'not-found' } | { state: 'unknown'; rateLimited: boolean }

export interface RefundQuestion {
  payment: CallablePayment
  gate: WechatPay
  by: Pick<RefundQuery, 'outRefundNo' | 'refundId'>
  /** What led to the question; a query of its own accord when left out. */
  source?: 'query' | 'bill'
}

/** Asks WeChat about a refund, and records what it says. */
export async function askRefund(context: PaymentContext, { payment, gate, by, source = 'query' }: RefundQuestion): Promise<AskedRefund> {
  const { appId } = tradeOf(payment)
  const asked = await callWechat(context, {
    call: 'query-refund',
    payment: { ...payment, protocol: gate.protocol },
    send: (wechat) => wechat.queryRefund({ ...by, ...(appId !== undefined && { appId }) }),
    nameOf: (answer) => (answer.state === 'found' ? answer.refund.state : answer.state),
  })
  if (asked.outcome === 'refused') return { state: 'unknown', rateLimited: false }
  if (asked.outcome === 'unknown') return { state: 'unknown', rateLimited: asked.error.rateLimited }
  const { answer } = asked
  if (answer.state === 'not-found') return { state: 'not-found' }
  const { refund: reported, requestId } = answer
  return { state: 'found', recorded: await recordRefundReport(context, { reported, protocol: gate.protocol, source, requestId }) }
}
