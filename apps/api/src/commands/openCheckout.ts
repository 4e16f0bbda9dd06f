import type { CheckoutView } from 'wxpay-core/contract'
import { payerOf, type PayerId } from '../domain/means.ts'
import { latestPayment, type Checkout } from '../domain/order.ts'
import { readCheckout } from '../storage/checkouts.ts'
import type { Tx } from '../storage/database.ts'
import { insertEvents } from '../storage/events.ts'
import { tieKey } from '../storage/idempotencyKeys.ts'
import { insertOrder } from '../storage/orders.ts'
import { newOrderNo, newToken } from '../support/ids.ts'
import type { Answered, OpenCheckoutInput } from './commands.ts'
import type { PaymentContext } from './context.ts'
import type { CallablePayment } from './steps/callWechat.ts'
import { newAttempt, type CallerFacts } from './steps/newAttempt.ts'
import { oncePerKey, type Ours } from './steps/oncePerKey.ts'
import { prepareAtWechat } from './steps/prepareAtWechat.ts'
import { type CreationLimits, refuseTooMany } from './steps/refuseTooMany.ts'

/** One call to WeChat of at most 8 s: after a crash an equal request goes on soon. */
const leaseMs = 10_000

export interface OpenCheckoutContext {
  payments: PaymentContext
  facts: CallerFacts
  limits: CreationLimits
  /** @param viewer - who is given the answer, as WeChat told us */
  present: (checkout: Checkout, now: Date, viewer: PayerId | null) => CheckoutView
}

/**
 * Opens an order with its first attempt: store (tx 1), create at WeChat, record (tx 2). Answered as soon as the order
 * is stored and WeChat was asked once, whatever WeChat said.
 *
 * @throws TooManyCheckoutsError, IdempotencyKeyReusedError, RequestInProgressError
 */
export async function openCheckout(context: OpenCheckoutContext, input: OpenCheckoutInput): Promise<Answered> {
  const { payments, present } = context
  return oncePerKey(payments.store, {
    request: input.request,
    leaseMs,
    begin: (tx) => storeCheckout(context, tx, input),
    finish: async (ours) => {
      const { orderId, payment } = await findBegun(payments, ours)
      await prepareAtWechat(payments, payment)
      const checkout = await readCheckout(payments.store.db, { orderId })
      return { status: 201, errorCode: null, view: present(checkout, payments.store.clock.now(), payerOf(input.means)) }
    },
  })
}

interface Begun {
  orderId: string
  payment: CallablePayment
}

async function storeCheckout({ payments, facts, limits }: OpenCheckoutContext, tx: Tx, input: OpenCheckoutInput): Promise<Begun> {
  const now = payments.store.clock.now()
  await refuseTooMany(tx, input.clientAddress, limits, now)
  const order = await insertOrder(tx, {
    token: newToken(),
    orderNo: newOrderNo(now),
    amountFen: input.amountFen,
    description: input.description,
    clientAddress: input.clientAddress,
    createdAt: now,
  })
  const payment = await newAttempt(payments, tx, { order, means: input.means, facts, now })
  await tieKey(tx, input.request, { orderId: order.id, paymentId: payment.id })
  await insertEvents(tx, order.id, [{ type: 'order.opened', source: 'shopper', paymentId: payment.id }], now)
  return { orderId: order.id, payment }
}

async function findBegun({ store }: PaymentContext, ours: Ours<Begun>): Promise<Begun> {
  if (ours.state === 'new') return ours.begun
  // The key and the order were stored together, so a key that is resumed has its order.
  if (!ours.orderId) throw new Error('a key of an earlier try has no order')
  const payment = latestPayment((await readCheckout(store.db, { orderId: ours.orderId })).payments)
  if (!payment) throw new Error(`order ${ours.orderId} has no payment`)
  return { orderId: ours.orderId, payment }
}
