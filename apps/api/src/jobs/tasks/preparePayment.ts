import { closeAtWechat } from '../../commands/steps/closeAtWechat.ts'
import { prepareAtWechat } from '../../commands/steps/prepareAtWechat.ts'
import { backoffMs } from '../../domain/backoff.ts'
import { isUnsettled } from '../../domain/payment.ts'
import { setNextTurn, type Turn } from '../../storage/paymentDuties.ts'
import { findPayment, readPrepareTries } from '../../storage/payments.ts'
import type { TaskContext } from './taskContext.ts'

/** WeChat takes a create only while `time_expire` is more than a minute away. */
const shortestTradeMs = 60_000

/** Repeats a create whose outcome nobody knows, with the same number and parameters, until WeChat has answered. */
export async function preparePayment({ payments }: TaskContext, job: Turn): Promise<void> {
  const { outTradeNo } = job
  const { store } = payments
  const payment = await findPayment(store.db, outTradeNo)
  if (payment?.status !== 'preparing' || isUnsettled(payment)) return
  const now = store.clock.now()
  const { tries } = await readPrepareTries(store.db, outTradeNo)
  const nextAt = new Date(now.getTime() + backoffMs(tries))
  if (!(await setNextTurn(store.db, 'prepare', job, { now, at: nextAt }))) return
  if (payment.expiresAt.getTime() - now.getTime() > shortestTradeMs) await prepareAtWechat(payments, payment)
  else await closeAtWechat(payments, outTradeNo, { reason: 'expired', source: 'clock' })
}
