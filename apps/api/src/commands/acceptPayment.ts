import type { Payment } from '../domain/payment.ts'
import { changeOrder } from '../storage/changeOrder.ts'
import { findPayment } from '../storage/payments.ts'
import type { PaymentContext } from './context.ts'
import { askWechat } from './steps/askWechat.ts'

export type AcceptRefusal = 'unknown-number' | 'not-confirming' | 'no-answer' | 'not-paid-at-wechat' | 'flagged'

export type AcceptResult = { accepted: true; payment: Payment } | { accepted: false; reason: AcceptRefusal }

/**
 * An operator takes WeChat's answer for the notice that does not come: only for a confirming payment, only on a fresh
 * verified query, with the same checks as a notice. Who and when stands in the order's events.
 */
export async function acceptPayment(
  context: PaymentContext,
  { outTradeNo, operator }: { outTradeNo: string; operator: string },
): Promise<AcceptResult> {
  const { store } = context
  const payment = await findPayment(store.db, outTradeNo)
  if (!payment) return { accepted: false, reason: 'unknown-number' }
  if (payment.status === 'paid' || !payment.confirmingSince) return { accepted: false, reason: 'not-confirming' }
  await changeOrder(store, { outTradeNo }, () => ({
    events: [{ type: 'payment.accept_requested', source: 'operator', paymentId: payment.id, data: { operator } }],
    result: undefined,
  }))
  const asked = await askWechat(context, payment, 'operator')
  if (asked.state === 'unknown') return { accepted: false, reason: 'no-answer' }
  if (asked.state !== 'paid') return { accepted: false, reason: 'not-paid-at-wechat' }
  const after = await findPayment(store.db, outTradeNo)
  return after?.status === 'paid' ? { accepted: true, payment: after } : { accepted: false, reason: 'flagged' }
}
