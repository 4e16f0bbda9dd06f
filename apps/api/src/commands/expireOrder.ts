import { closeOrder, openPayment, whyNotPayable } from '../domain/order.ts'
import { changeOrder, type OrderChange } from '../storage/changeOrder.ts'
import type { PaymentContext } from './context.ts'

/** Ends an unpaid order that nobody has tried to pay for a while. One with an open attempt waits for that one's end, one with money that is looked into for what becomes of it. */
export async function expireOrder({ store, life }: PaymentContext, { orderId }: { orderId: string }): Promise<void> {
  const now = store.clock.now()
  await changeOrder(store, { orderId }, (checkout): OrderChange<undefined> => {
    if (whyNotPayable(checkout) || openPayment(checkout.payments)) return { endsAt: null, result: undefined }
    const lastEnd = Math.max(...checkout.payments.map(({ closedAt, createdAt }) => (closedAt ?? createdAt).getTime()))
    const endsAt = new Date(lastEnd + life.orderMs)
    if (now < endsAt) return { endsAt, result: undefined }
    return {
      order: closeOrder(checkout.order, 'expired', now),
      events: [{ type: 'order.closed', source: 'clock', data: { reason: 'expired' } }],
      result: undefined,
    }
  })
}
