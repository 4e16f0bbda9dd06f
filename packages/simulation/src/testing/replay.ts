import type { EventRow } from './books.ts'

/** What the history of orders says about where they stand. */
export interface Replayed {
  orders: Map<string, string>
  payments: Map<string, string>
}

/** Goes through the events from the first to the last, knowing nothing else (rule R13). */
export function replay(events: readonly EventRow[]): Replayed {
  const orders = new Map<string, string>()
  const payments = new Map<string, string>()
  for (const event of events) {
    const { order_id: order, payment_id: payment } = event
    if (order) orders.set(order, orderAfter(orders.get(order), event))
    if (payment) payments.set(payment, paymentAfter(payments.get(payment), event))
  }
  return { orders, payments }
}

function orderAfter(before: string | undefined, { type }: EventRow): string {
  if (type === 'order.opened') return 'unpaid'
  if (type === 'order.paid') return 'paid'
  if (type === 'order.closed') return 'closed'
  return before ?? 'unknown'
}

function paymentAfter(before: string | undefined, { type }: EventRow): string {
  switch (type) {
    case 'order.opened':
    case 'payment.started':
      return 'preparing'
    case 'payment.pending':
      return 'pending'
    case 'payment.closing':
      return 'closing'
    case 'payment.closed':
      return 'closed'
    case 'payment.paid':
    case 'payment.paid_late':
      return 'paid'
    case 'payment.confirming':
      // Money that WeChat has stops a close under way.
      return before === 'closed' ? 'closed' : 'pending'
    case 'payment.refused':
      return 'refused'
    default:
      return before ?? 'unknown'
  }
}
