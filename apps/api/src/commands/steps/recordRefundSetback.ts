import { refundsOf } from '../../domain/order.ts'
import { applyRefundEvent, reserve, type RefundEvent } from '../../domain/refund.ts'
import { changeOrder } from '../../storage/changeOrder.ts'
import type { NewEvent } from '../../storage/events.ts'
import type { PaymentContext } from '../context.ts'
import { findPaymentOf } from './findPaymentOf.ts'

export interface RefundSetback {
  outTradeNo: string
  outRefundNo: string
  event: Extract<RefundEvent, { type: 'no-funds' | 'refused' }>
  /** For the history and the alarm; told when it changes something, which is once. */
  tell: { type: string; data?: Record<string, unknown>; alarm: string | null }
}

/** WeChat does not take a refund, for now or finally: in the latter case its money is free again for another. */
export async function recordRefundSetback(
  { store, alarms }: PaymentContext,
  { outTradeNo, outRefundNo, event, tell }: RefundSetback,
): Promise<void> {
  const changed = await changeOrder(store, { outTradeNo }, (checkout) => {
    const payment = findPaymentOf(checkout, outTradeNo)
    const refunds = refundsOf(checkout, payment)
    const before = refunds.find((refund) => refund.outRefundNo === outRefundNo)
    const after = before && applyRefundEvent(before, event)
    if (!before || !after || after === before) return { result: false }
    const others = refunds.filter((refund) => refund !== before)
    const told: NewEvent = { type: tell.type, source: 'api', paymentId: payment.id, data: { outRefundNo, ...tell.data } }
    return {
      payments: [reserve(payment, [...others, after]).payment],
      refunds: [{ before, after }],
      events: [told],
      result: true,
    }
  })
  if (changed?.result && tell.alarm !== null) alarms.anomaly(tell.alarm, { outTradeNo, outRefundNo })
}
