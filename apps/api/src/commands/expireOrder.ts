import { closeOrder, openPayment, whyNotPayable } from '../domain/order.ts'
import { changeOrder, type OrderChange } from '../storage/changeOrder.ts'
import type { PaymentContext } from './context.ts'

/** Ends an unpaid order that nobody has tried to pay for a while. One with a newer attempt waits for that one's end. */
export async function expireOrder({ store, life }: PaymentContext, { orderId }: { orderId: string }): Promise<void> {
  const now = store.clock.now()
  await changeOrder(store, { orderId }, (checkout): OrderChange<undefined> => {
    if (whyNotPayable(checkout) || openPayment(checkout.payments)) return { result: undefined }
    const lastEnd = Math.max(...checkout.payments.map(({ closedAt, createdAt }) => (closedAt ?? createdAt).getTime()))
    const endsAt = new Date(lastEnd + life.orderMs)
    // An attempt ended later than the one that put this job; or the queue's clock is ahead of ours.
    if (now < endsAt) return { jobs: [{ name: 'expire-order', data: { orderId }, startAfter: endsAt }], result: undefined }
    return {
      order: closeOrder(checkout.order, 'expired', now),
      events: [{ type: 'order.closed', source: 'clock', data: { reason: 'expired' } }],
      result: undefined,
    }
  })
}
