import { isFreshCode } from '../domain/codeLife.ts'
import { TooManyCheckoutsError } from '../domain/errors.ts'
import { payerOf, serves, type Means } from '../domain/means.ts'
import { openPayment, whyNotPayable, type Checkout } from '../domain/order.ts'
import type { Payment } from '../domain/payment.ts'
import { changeOrder, type OrderChange } from '../storage/changeOrder.ts'
import { readCheckout } from '../storage/checkouts.ts'
import type { Tx } from '../storage/database.ts'
import { countKeysOf, tieKey } from '../storage/idempotencyKeys.ts'
import type { IdempotentRequest, SavedAnswer } from '../storage/savedAnswer.ts'
import type { Answered, StartPaymentInput } from './commands.ts'
import type { OpenCheckoutContext } from './openCheckout.ts'
import { closeAtWechat } from './steps/closeAtWechat.ts'
import { newAttempt } from './steps/newAttempt.ts'
import { oncePerKey } from './steps/oncePerKey.ts'
import { prepareAtWechat } from './steps/prepareAtWechat.ts'

/** Up to four calls to WeChat of at most 8 s: query, close, query, create. */
const leaseMs = 40_000

/** Opening a checkout needs more; another attempt needs this of it. */
export type StartPaymentContext = Pick<OpenCheckoutContext, 'payments' | 'facts' | 'present'>

/**
 * Begins another attempt: the open one is queried and closed first; only when WeChat has confirmed that is a new one
 * stored and created. 201: there is an open attempt by the means that were asked for (or one being prepared). 202: another stands in
 * the way, which is still being closed or was begun at this very moment. 409: the order is paid, confirming or closed.
 */
export async function startPayment(context: StartPaymentContext, input: StartPaymentInput): Promise<Answered> {
  const { store } = context.payments
  const { order } = await readCheckout(store.db, input)
  return oncePerKey(store, {
    request: input.request,
    leaseMs,
    begin: (tx) => limitRequests(tx, input.request, order.id),
    finish: (ours) => replaceAttempt(context, input, ours.state === 'resumed' ? ours.paymentId : null),
  })
}

/** Far more than a shopper needs in the day that keys are kept; an order does not fill the table with them. */
const requestsPerOrder = 200

async function limitRequests(tx: Tx, request: IdempotentRequest, orderId: string): Promise<void> {
  if ((await countKeysOf(tx, orderId)) >= requestsPerOrder) throw new TooManyCheckoutsError('too_many_requests', 3_600)
  await tieKey(tx, request, { orderId, paymentId: null })
}

/** @param begunPaymentId - the attempt that an earlier try under the same key has stored */
async function replaceAttempt(context: StartPaymentContext, input: StartPaymentInput, begunPaymentId: string | null): Promise<SavedAnswer> {
  const { payments } = context
  const before = await readCheckout(payments.store.db, input)
  if (whyNotPayable(before)) return answer(context, input, 409, before)
  const old = openPayment(before.payments)
  if (old && (old.id === begunPaymentId || mayStay(old, input.means, payments.store.clock.now())))
    return prepareAndAnswer(context, input, old)
  const closed = old ? await closeAtWechat(payments, old.outTradeNo, { reason: 'replaced', source: 'shopper' }) : 'closed'
  if (closed === 'unsettled') return answer(context, input, 409, await readCheckout(payments.store.db, input))
  if (closed === 'unknown') return answer(context, input, 202, await readCheckout(payments.store.db, input))
  const attempt = await storeAttempt(context, input)
  if (!attempt) return answer(context, input, 409, await readCheckout(payments.store.db, input))
  if (!serves(attempt.means, input.means)) return answer(context, input, 202, await readCheckout(payments.store.db, input))
  return prepareAndAnswer(context, input, attempt)
}

/**
 * An attempt that is still being prepared is what was asked for, and so is a code that another tab got a moment ago: by the same means,
 * and for the same payer.
 */
function mayStay(open: Payment, asked: Means, now: Date): boolean {
  return serves(open.means, asked) && (open.status === 'preparing' || (open.status === 'pending' && isFreshCode(open, now)))
}

/** Stores the new attempt, unless another request has stored one since. @returns undefined when the order takes no attempt any more */
async function storeAttempt(
  { payments, facts }: StartPaymentContext,
  { token, means, request }: StartPaymentInput,
): Promise<Payment | undefined> {
  const { store } = payments
  const now = store.clock.now()
  const changed = await changeOrder(store, { token }, async (checkout, tx): Promise<OrderChange<Payment | undefined>> => {
    if (whyNotPayable(checkout)) return { result: undefined }
    const other = openPayment(checkout.payments)
    if (other) return { result: other }
    const payment = await newAttempt(payments, tx, { order: checkout.order, means, facts, now })
    await tieKey(tx, request, { orderId: checkout.order.id, paymentId: payment.id })
    return {
      payments: [payment],
      visible: true,
      events: [{ type: 'payment.started', source: 'shopper', paymentId: payment.id }],
      result: payment,
    }
  })
  return changed?.result
}

async function prepareAndAnswer(context: StartPaymentContext, input: StartPaymentInput, payment: Payment): Promise<SavedAnswer> {
  if (payment.status === 'preparing') await prepareAtWechat(context.payments, payment)
  return answer(context, input, 201, await readCheckout(context.payments.store.db, input))
}

function answer(
  { payments, present }: StartPaymentContext,
  { means }: StartPaymentInput,
  status: SavedAnswer['status'],
  checkout: Checkout,
): SavedAnswer {
  const view = present(checkout, payments.store.clock.now(), payerOf(means))
  return { status, errorCode: status === 409 ? 'order_not_payable' : null, view }
}
