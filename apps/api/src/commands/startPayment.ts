import { isFreshCode } from '../domain/codeLife.ts'
import { TooManyCheckoutsError } from '../domain/errors.ts'
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
 * stored and created. 201: there is an open attempt with a code (or one being prepared). 202: the old one is still
 * being closed. 409: the order is paid, confirming or closed.
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
  if (whyNotPayable(before)) return answer(context, 409, before)
  const old = openPayment(before.payments)
  if (old && (old.id === begunPaymentId || mayStay(old, payments.store.clock.now()))) return prepareAndAnswer(context, input, old)
  const closed = old ? await closeAtWechat(payments, old.outTradeNo, { reason: 'replaced', source: 'shopper' }) : 'closed'
  if (closed === 'unsettled') return answer(context, 409, await readCheckout(payments.store.db, input))
  if (closed === 'unknown') return answer(context, 202, await readCheckout(payments.store.db, input))
  const attempt = await storeAttempt(context, input)
  if (!attempt) return answer(context, 409, await readCheckout(payments.store.db, input))
  return prepareAndAnswer(context, input, attempt)
}

/** An attempt that is still being prepared is what was asked for, and so is a code that another tab got a moment ago. */
function mayStay(open: Payment, now: Date): boolean {
  return open.status === 'preparing' || (open.status === 'pending' && isFreshCode(open, now))
}

/** Stores the new attempt, unless another request has stored one since. @returns undefined when the order takes no attempt any more */
async function storeAttempt(
  { payments, facts }: StartPaymentContext,
  { token, tradeType, request }: StartPaymentInput,
): Promise<Payment | undefined> {
  const { store } = payments
  const now = store.clock.now()
  const changed = await changeOrder(store, { token }, async (checkout, tx): Promise<OrderChange<Payment | undefined>> => {
    if (whyNotPayable(checkout)) return { result: undefined }
    const other = openPayment(checkout.payments)
    if (other) return { result: other }
    const { payment, jobs } = await newAttempt(payments, tx, { order: checkout.order, tradeType, facts, now })
    await tieKey(tx, request, { orderId: checkout.order.id, paymentId: payment.id })
    return {
      payments: [payment],
      visible: true,
      events: [{ type: 'payment.started', source: 'shopper', paymentId: payment.id }],
      jobs,
      result: payment,
    }
  })
  return changed?.result
}

async function prepareAndAnswer(context: StartPaymentContext, { token }: StartPaymentInput, payment: Payment): Promise<SavedAnswer> {
  if (payment.status === 'preparing') await prepareAtWechat(context.payments, payment)
  return answer(context, 201, await readCheckout(context.payments.store.db, { token }))
}

function answer({ payments, present }: StartPaymentContext, status: SavedAnswer['status'], checkout: Checkout): SavedAnswer {
  return { status, errorCode: status === 409 ? 'order_not_payable' : null, view: present(checkout, payments.store.clock.now()) }
}
