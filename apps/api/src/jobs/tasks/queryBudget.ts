import { askWechat, type Asked, type AskSource } from '../../commands/steps/askWechat.ts'
import type { CallablePayment } from '../../commands/steps/callWechat.ts'
import { pauseCalls } from '../../storage/callBudgets.ts'
import type { TaskContext } from './taskContext.ts'

/** The budget of all questions about payments that nobody stands waiting for (rule R16). */
export const queryBudget = 'wechat-query'

/** After FREQUENCY_LIMITED. WeChat names no time. */
const rateLimitPauseMs = 10_000

/** Asks with a call that was reserved in the budget; when WeChat wants fewer calls, nobody is given one for a while. */
export async function askWithinQueryBudget({ payments }: TaskContext, payment: CallablePayment, source: AskSource): Promise<Asked> {
  const asked = await askWechat(payments, payment, source)
  if (asked.state === 'unknown' && asked.rateLimited) await pauseCalls(payments.store.db, queryBudget, rateLimitPauseMs)
  return asked
}
