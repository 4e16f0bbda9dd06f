import { closeOrder, type Checkout } from '../../domain/order.ts'
import { applyPaymentEvent, type Payment } from '../../domain/payment.ts'
import type { OrderChange } from '../../storage/changeOrder.ts'
import type { NewEvent } from '../../storage/events.ts'
import type { EventSource } from '../../storage/tables.ts'

/** WeChat has confirmed that a payment can bring no money any more. A cancelled order ends with it; another waits for a new attempt. */
export function recordClosed(
  checkout: Checkout,
  payment: Payment,
  { at, source, orderLifeMs }: { at: Date; source: EventSource; orderLifeMs: number },
): OrderChange<Payment> {
  const closed = applyPaymentEvent(payment, { type: 'closed', at })
  if (closed === payment) return { result: payment }
  const cancelled = closed.closeReason === 'cancelled'
  const order = cancelled ? closeOrder(checkout.order, 'cancelled', at) : checkout.order
  const events: NewEvent[] = [{ type: 'payment.closed', source, paymentId: payment.id, data: { reason: closed.closeReason } }]
  if (order !== checkout.order) events.push({ type: 'order.closed', source, data: { reason: 'cancelled' } })
  return {
    order,
    payments: [closed],
    events,
    endsAt: cancelled ? null : orderEnd(at, orderLifeMs),
    result: closed,
  }
}

/** An order ends when nobody has begun a new attempt for a while after its last one. */
export function orderEnd(lastEnd: Date, orderLifeMs: number): Date {
  return new Date(lastEnd.getTime() + orderLifeMs)
}
