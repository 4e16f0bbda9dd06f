import { findForgottenOrders } from '../../storage/orders.ts'
import { isBehind } from '../../storage/jobQueue.ts'
import { findNeglectedDuties, setNextTurn, turnJob } from '../../storage/paymentDuties.ts'
import type { TaskContext } from './taskContext.ts'

/** A turn that is this late has lost its job, unless the queue itself is late. */
const neglectedAfterMs = 10_000
const batch = 1_000

/**
 * Puts the jobs again that were lost, with their process or after their last retry: at the start of a worker, and every
 * minute. A queue that is behind has not lost its jobs; more of them would not make it faster.
 */
export async function sweepOpenPayments(context: TaskContext): Promise<void> {
  const { payments, logger } = context
  const { store } = payments
  const now = store.clock.now()
  if (await isBehind(store.db, now)) {
    logger.warn('the job queue is behind, nothing is taken for lost')
    return
  }
  const dueBefore = new Date(now.getTime() - neglectedAfterMs)
  const neglected = await findNeglectedDuties(store.db, { dueBefore, limit: batch })
  for (const { outTradeNo, duty } of neglected) {
    await store.db.transaction().execute(async (tx) => {
      if (await setNextTurn(tx, duty, { outTradeNo }, { now, at: now })) await store.enqueue(tx, [turnJob(duty, outTradeNo, now)])
    })
  }
  const forgotten = await expireForgottenOrders(context, dueBefore)
  const found = { duties: neglected.length, orders: forgotten }
  if (found.duties + found.orders > 0) logger.warn(found, 'took up the work of jobs that were lost')
}

async function expireForgottenOrders({ payments: { store, life } }: TaskContext, dueBefore: Date): Promise<number> {
  const lastEndBefore = new Date(dueBefore.getTime() - life.orderMs)
  const orderIds = await findForgottenOrders(store.db, { lastEndBefore, limit: batch })
  await store.db.transaction().execute((tx) =>
    store.enqueue(
      tx,
      orderIds.map((orderId) => ({ name: 'expire-order', data: { orderId } })),
    ),
  )
  return orderIds.length
}
