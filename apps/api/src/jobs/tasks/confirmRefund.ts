import { refundQueryGate } from '../../commands/steps/refundGate.ts'
import { reserveCall } from '../../storage/callBudgets.ts'
import { findPayment } from '../../storage/payments.ts'
import type { JobData } from '../../storage/queues.ts'
import { askWithinBudget, refundQueryBudget } from './followRefund.ts'
import type { TaskContext } from './taskContext.ts'

/** There is no answer yet from which anything could follow; the queue asks again. */
export class RefundUnconfirmedError extends Error {
  override readonly name = 'RefundUnconfirmedError'
}

/**
 * A message that was not signed has named a refund: WeChat is asked, and only its answer changes anything (rule R20), about whichever payment
 * it is. @throws RefundUnconfirmedError
 */
export async function confirmRefund(context: TaskContext, data: JobData['confirm-refund']): Promise<void> {
  const { payments, databaseNow } = context
  const { outTradeNo, outRefundNo, refundId } = data
  const payment = await findPayment(payments.store.db, outTradeNo)
  if (!payment) return
  const place = await reserveCall(payments.store.db, refundQueryBudget, databaseNow)
  if (place === undefined) throw new RefundUnconfirmedError('the budget of queries is used up for now')
  const asked = await askWithinBudget(context, { payment, gate: refundQueryGate(payments.wechat, data), by: { outRefundNo, refundId } })
  if (asked.state !== 'found') throw new RefundUnconfirmedError(`WeChat’s answer about refund ${outRefundNo}: ${asked.state}`)
  if (asked.recorded === 'too-early') throw new RefundUnconfirmedError(`refund ${outRefundNo} came before its payment`)
}
