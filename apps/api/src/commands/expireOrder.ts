import { closeOrder, openPayment, whyNotPayable } from '../domain/order.ts'
import { changeOrder, type OrderChange } from '../storage/changeOrder.ts'
import type { PaymentContext } from './context.ts'

/** Ends an unpaid order that nobody has tried to pay for a while. One with a newer attempt waits for that one's end. */
export async function expireOrder({ store, life }: PaymentContext, { orderId }: { orderId: string }): Promise<void> {
  const now = store.clock.now()
  await changeOrder(store, { orderId }, (checkout): OrderChange<undefined> => {
    if (whyNotPayable(checkout) || openPayment(checkout.payments)) return { result: undefined }
    const lastEnd = Math.max(...checkout.payments.map(({ closedAt, createdAt }) => (closedAt ?? createdAt).getTime()))
    // The queue's clock may be a little ahead of ours; an attempt that ended later has its own job.
    if (now.getTime() - lastEnd < life.orderMs - 1_000) return { result: undefined }
    return {
      order: closeOrder(checkout.order, 'expired', now),
      events: [{ type: 'order.closed', source: 'clock', data: { reason: 'expired' } }],
      result: undefined,
    }
  })
}
