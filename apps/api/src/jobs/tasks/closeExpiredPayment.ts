import { closeAtWechat } from '../../commands/steps/closeAtWechat.ts'
import { findPaymentOf } from '../../commands/steps/findPaymentOf.ts'
import { backoffMs } from '../../domain/backoff.ts'
import { decideClose } from '../../domain/closeDecision.ts'
import { findCheckout } from '../../storage/checkouts.ts'
import { readCloseTries, setNextTurn } from '../../storage/paymentDuties.ts'
import type { TaskContext } from './taskContext.ts'

/** A close that is not known to have succeeded is looked at again, first after this long. */
const firstRetryMs = 4_000

/** Closes an attempt whose time is over, or that another has made needless; and finishes a close that somebody began. */
export async function closeExpiredPayment(context: TaskContext, { outTradeNo }: { outTradeNo: string }): Promise<void> {
  const { store } = context.payments
  const checkout = await findCheckout(store.db, { outTradeNo })
  if (!checkout) return
  const now = store.clock.now()
  const decision = decideClose(checkout, findPaymentOf(checkout, outTradeNo), now)
  if (decision.do === 'leave') return
  if (decision.do === 'wait') return comeBack(context, outTradeNo, { now, at: decision.until })
  const tries = await readCloseTries(store.db, outTradeNo)
  await comeBack(context, outTradeNo, { now, at: new Date(now.getTime() + Math.max(firstRetryMs, backoffMs(tries))) })
  await closeAtWechat(context.payments, outTradeNo, { reason: decision.reason, source: 'clock' })
}

/** Set before the close is tried: it is looked at again whatever happens to this process. */
async function comeBack({ payments }: TaskContext, outTradeNo: string, { now, at }: { now: Date; at: Date }): Promise<void> {
  const { store } = payments
  await store.db.transaction().execute(async (tx) => {
    if (!(await setNextTurn(tx, outTradeNo, 'close', { now, at }))) return
    await store.enqueue(tx, [{ name: 'close-payment', data: { outTradeNo }, startAfter: at }])
  })
}
