import { extendedCodeExpiry, payableUntil } from '../domain/codeLife.ts'
import { CheckoutNotFoundError, OrderNotExtendableError } from '../domain/errors.ts'
import { openPayment, whyNotPayable, type Checkout } from '../domain/order.ts'
import { applyPaymentEvent } from '../domain/payment.ts'
import { changeOrder, type OrderChange } from '../storage/changeOrder.ts'
import type { PaymentContext } from './context.ts'

/** Gives the code more time inside the window that WeChat was told. @throws CheckoutNotFoundError, OrderNotExtendableError */
export async function extendPayment({ store, life }: PaymentContext, { token }: { token: string }): Promise<Checkout> {
  const now = store.clock.now()
  const changed = await changeOrder(store, { token }, (checkout): OrderChange<boolean> => {
    const payment = openPayment(checkout.payments)
    if (whyNotPayable(checkout) || payment?.status !== 'pending' || !payment.codeExpiresAt) return { result: false }
    const { codeExpiresAt } = payment
    const extended = extendedCodeExpiry({ now, codeLifeMs: life.qrMs, expiresAt: payableUntil(payment), codeExpiresAt })
    if (!extended) return { result: false }
    return {
      payments: [applyPaymentEvent(payment, { type: 'extended', codeExpiresAt: extended })],
      events: [{ type: 'payment.extended', source: 'shopper', paymentId: payment.id, data: { codeExpiresAt: extended.toISOString() } }],
      result: true,
    }
  })
  if (!changed) throw new CheckoutNotFoundError('no such checkout')
  if (!changed.result) throw new OrderNotExtendableError('no time left that could be added', changed.checkout)
  return changed.checkout
}
