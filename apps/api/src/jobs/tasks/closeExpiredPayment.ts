import { closeAtWechat } from '../../commands/steps/closeAtWechat.ts'
import { findPaymentOf } from '../../commands/steps/findPaymentOf.ts'
import { backoffMs } from '../../domain/backoff.ts'
import { decideClose } from '../../domain/closeDecision.ts'
import { findCheckout } from '../../storage/checkouts.ts'
import { readCloseTries, setNextTurn, type Turn } from '../../storage/paymentDuties.ts'
import type { TaskContext } from './taskContext.ts'

/** A close that is not known to have succeeded is looked at again, first after this long. */
const firstRetryMs = 4_000

/**
 * Closes an attempt whose time is over, or that another has made needless; and finishes a close that somebody began.
 * Who was overtaken still closes when there is something to close: only when to come back is settled by turns.
 */
export async function closeExpiredPayment(context: TaskContext, job: Turn): Promise<void> {
  const { store } = context.payments
  const { outTradeNo } = job
  const checkout = await findCheckout(store.db, { outTradeNo })
  if (!checkout) return
  const now = store.clock.now()
  const decision = decideClose(checkout, findPaymentOf(checkout, outTradeNo), now)
  if (decision.do === 'leave') return
  if (decision.do === 'wait') return comeBack(context, job, { now, at: decision.until })
  const tries = await readCloseTries(store.db, outTradeNo)
  await comeBack(context, job, { now, at: new Date(now.getTime() + Math.max(firstRetryMs, backoffMs(tries))) })
  await closeAtWechat(context.payments, outTradeNo, { reason: decision.reason, source: 'clock' })
}

/** Set before the close is tried: it is looked at again whatever happens to this process. */
async function comeBack({ payments }: TaskContext, job: Turn, { now, at }: { now: Date; at: Date }): Promise<void> {
  await setNextTurn(payments.store.db, 'close', job, { now, at })
}
