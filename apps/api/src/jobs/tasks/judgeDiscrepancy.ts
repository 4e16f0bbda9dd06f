import { judgeAgain, type Judged } from '../../commands/steps/judgeAgain.ts'
import { refundQueryGate } from '../../commands/steps/refundGate.ts'
import { isUnsettled } from '../../domain/payment.ts'
import { reserveCall } from '../../storage/callBudgets.ts'
import { findPaymentById } from '../../storage/payments.ts'
import { askWithinBudget, refundQueryBudget } from './followRefund.ts'
import { askWithinQueryBudget, queryBudget } from './queryBudget.ts'
import type { TaskContext } from './taskContext.ts'

/**
 * Looks at both sides of an open difference again. Where the bill knows of money that we do not, WeChat is asked about it by the way of every
 * query, and its answer does what the settings let it do: a bill by itself changes no payment and no refund (rule R21).
 */
export async function judgeDiscrepancy(context: TaskContext, id: string): Promise<void> {
  const judged = await judgeAgain(context.bills, id)
  if (judged.state !== 'open') return
  if (await askAbout(context, judged)) await judgeAgain(context.bills, id)
}

/** @returns whether WeChat was asked */
async function askAbout(context: TaskContext, { discrepancy, billedRefundId }: Extract<Judged, { state: 'open' }>): Promise<boolean> {
  switch (discrepancy.class) {
    case 'billed-not-paid':
      return askAboutPayment(context, discrepancy.paymentId)
    case 'refund-unknown':
      return billedRefundId !== null && discrepancy.outRefundNo !== null
        ? askAboutRefund(context, discrepancy.paymentId, { outRefundNo: discrepancy.outRefundNo, refundId: billedRefundId })
        : false
    default:
      return false
  }
}

/** How long a place in the budget is waited for; without one it is asked at the next turn. */
const horizonMs = 500

async function askAboutPayment(context: TaskContext, paymentId: string | null): Promise<boolean> {
  const { payments, queriesPerSecond } = context
  const { db } = payments.store
  const payment = paymentId === null ? undefined : await findPaymentById(db, paymentId)
  // WeChat has said paid already: the notice must come, or a person accepts it.
  if (!payment || payment.status === 'paid' || isUnsettled(payment)) return false
  if ((await reserveCall(db, { name: queryBudget, perSecond: queriesPerSecond, horizonMs })) === undefined) return false
  await askWithinQueryBudget(context, payment, 'bill')
  return true
}

async function askAboutRefund(
  context: TaskContext,
  paymentId: string | null,
  by: { outRefundNo: string; refundId: string },
): Promise<boolean> {
  const { payments, databaseNow } = context
  const payment = paymentId === null ? undefined : await findPaymentById(payments.store.db, paymentId)
  if (!payment || (await reserveCall(payments.store.db, refundQueryBudget, databaseNow)) === undefined) return false
  await askWithinBudget(context, { payment, gate: refundQueryGate(payments.wechat, payment), by, source: 'bill' })
  return true
}
