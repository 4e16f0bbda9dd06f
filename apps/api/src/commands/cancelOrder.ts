import { CheckoutNotFoundError, OrderNotCancellableError } from '../domain/errors.ts'
import { closeOrder, openPayment, whyNotPayable, type Checkout } from '../domain/order.ts'
import { changeOrder, type OrderChange } from '../storage/changeOrder.ts'
import { readCheckout } from '../storage/checkouts.ts'
import type { CancelResult } from './commands.ts'
import type { PaymentContext } from './context.ts'
import { closeAtWechat } from './steps/closeAtWechat.ts'

/**
 * Cancels an unpaid order: its open attempt is closed at WeChat first, and the order ends with it. `closing` while
 * that is not known; a job goes on. @throws CheckoutNotFoundError, OrderNotCancellableError when WeChat has money for it
 */
export async function cancelOrder(context: PaymentContext, { token }: { token: string }): Promise<CancelResult> {
  const before = await readCheckout(context.store.db, { token })
  const open = openPayment(before.payments)
  if (open && !whyNotPayable(before)) await closeAtWechat(context, open.outTradeNo, { reason: 'cancelled', source: 'shopper' })
  const checkout = await closeUnattempted(context, token)
  if (checkout.order.status === 'closed') return { checkout, outcome: 'closed' }
  if (whyNotPayable(checkout)) throw new OrderNotCancellableError('WeChat has money for this order', checkout)
  // Another tab has begun a new attempt since: that one must end, too.
  if (openPayment(checkout.payments)?.closeReason !== 'cancelled') return cancelOrder(context, { token })
  return { checkout, outcome: 'closing' }
}

/** Closes the order when no attempt of it is open: before the first code, after a refusal, or after an expired one. */
async function closeUnattempted({ store }: PaymentContext, token: string): Promise<Checkout> {
  const changed = await changeOrder(store, { token }, (checkout): OrderChange<undefined> => {
    if (whyNotPayable(checkout) || openPayment(checkout.payments)) return { result: undefined }
    return {
      order: closeOrder(checkout.order, 'cancelled', store.clock.now()),
      events: [{ type: 'order.closed', source: 'shopper', data: { reason: 'cancelled' } }],
      result: undefined,
    }
  })
  if (!changed) throw new CheckoutNotFoundError('no such checkout')
  return changed.checkout
}
