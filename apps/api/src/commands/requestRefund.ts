import { planRefund } from '../domain/planRefund.ts'
import { PaymentNotFoundError, RefundsNotEnabledError } from '../domain/refundErrors.ts'
import { changeOrder, type OrderChange } from '../storage/changeOrder.ts'
import { refundsOf, type Checkout } from '../domain/order.ts'
import type { Tx } from '../storage/database.ts'
import { claimRefundKey } from '../storage/idempotencyKeys.ts'
import { readRefundById } from '../storage/refunds.ts'
import { newOutRefundNo } from '../support/ids.ts'
import type { RequestedRefund, RequestRefundInput } from './commands.ts'
import type { PaymentContext } from './context.ts'
import { findPaymentOf } from './steps/findPaymentOf.ts'
import { newRefund } from './steps/newRefund.ts'
import { refundGate } from './steps/refundGate.ts'

/**
 * Stores a refund and its turn in one step, with its key: an equal request finds it there. WeChat is not called; `submitRefund` does.
 *
 * @throws as told in commands.ts; nothing is stored then, the key neither
 */
export async function requestRefund(context: PaymentContext, input: RequestRefundInput): Promise<RequestedRefund> {
  const { outTradeNo } = input
  const changed = await changeOrder(context.store, { outTradeNo }, (checkout, tx) => decide(context, checkout, { tx, input }))
  if (!changed) throw new PaymentNotFoundError(`no payment ${outTradeNo}`)
  const { result: replayed, newRefunds } = changed
  const [refund = replayed] = newRefunds
  if (!refund) throw new Error('neither a new refund nor an earlier one')
  return { refund, replayed: replayed !== undefined }
}

/** The result is the refund that an equal request has made. */
async function decide(
  context: PaymentContext,
  checkout: Checkout,
  { tx, input }: { tx: Tx; input: RequestRefundInput },
): Promise<OrderChange<RequestedRefund['refund'] | undefined>> {
  const now = context.store.clock.now()
  const madeBefore = await claimRefundKey(tx, input.request, now)
  if (madeBefore !== undefined) return { result: await readRefundById(tx, madeBefore) }
  const payment = findPaymentOf(checkout, input.outTradeNo)
  const planned = planRefund(payment, refundsOf(checkout, payment), { amountFen: input.amountFen, now })
  if (!refundGate(context.wechat, payment)) throw new RefundsNotEnabledError(`no protocol can refund payment ${payment.outTradeNo}`)
  const { refund, event } = newRefund(context, {
    planned,
    outRefundNo: newOutRefundNo(now),
    origin: 'operator',
    reason: input.reason,
    source: input.source,
    now,
    key: input.request,
  })
  return { payments: [planned.payment], newRefunds: [refund], events: [event], result: undefined }
}
