import { findNeglectedDuties, setNextTurn } from '../../storage/paymentDuties.ts'
import type { JobRequest } from '../../storage/queues.ts'
import type { TaskContext } from './taskContext.ts'

/** A turn that is this late has lost its job. */
const neglectedAfterMs = 10_000
const batch = 1_000

const queueOf = { prepare: 'prepare-payment', query: 'query-payment', close: 'close-payment' } as const

/** Puts the jobs again that died with their process: at the start of a worker, and every minute. */
export async function sweepOpenPayments({ payments, logger }: TaskContext): Promise<void> {
  const { store } = payments
  const now = store.clock.now()
  const dueBefore = new Date(now.getTime() - neglectedAfterMs)
  const neglected = await findNeglectedDuties(store.db, { dueBefore, limit: batch })
  for (const { outTradeNo, duty } of neglected) {
    await store.db.transaction().execute(async (tx) => {
      const job: JobRequest = { name: queueOf[duty], data: { outTradeNo } }
      if (await setNextTurn(tx, outTradeNo, duty, { now, at: now })) await store.enqueue(tx, [job])
    })
  }
  if (neglected.length > 0) logger.warn({ duties: neglected.length }, 'took up the work of jobs that were lost')
}
