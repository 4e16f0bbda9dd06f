import type { PgBoss } from 'pg-boss'
import type { JobData, QueueName } from '../storage/queues.ts'
import { alarmConfirming } from './tasks/alarmConfirming.ts'
import { closeExpiredPayment } from './tasks/closeExpiredPayment.ts'
import { expireOrder } from './tasks/expireOrder.ts'
import { forgetOldKeys } from './tasks/forgetOldKeys.ts'
import { preparePayment } from './tasks/preparePayment.ts'
import { queryPendingPayment } from './tasks/queryPendingPayment.ts'
import { sweepOpenPayments } from './tasks/sweepOpenPayments.ts'
import type { TaskContext } from './tasks/taskContext.ts'

type Tasks = { [Name in QueueName]: (context: TaskContext, data: JobData[Name]) => Promise<void> }

/** What is done for a job of each queue. */
export const tasks: Tasks = {
  'prepare-payment': preparePayment,
  'query-payment': queryPendingPayment,
  'close-payment': closeExpiredPayment,
  'expire-order': expireOrder,
  'alarm-confirming': alarmConfirming,
  'sweep-open-payments': sweepOpenPayments,
  'forget-old-keys': forgetOldKeys,
}

interface Pace {
  /** Jobs that are fetched and done at a time by one hand. A slow one holds up the others of its batch only. */
  batchSize: number
  hands: number
  /** How often an idle hand looks for jobs, in seconds. */
  everySeconds: number
}

/** Where somebody waits; the shortest interval that the queue allows. Most of the time of these jobs is spent waiting for WeChat. */
const prompt: Pace = { batchSize: 8, hands: 3, everySeconds: 0.5 }
const calm: Pace = { batchSize: 20, hands: 1, everySeconds: 2 }

const paces: Record<QueueName, Pace> = {
  'prepare-payment': prompt,
  'query-payment': prompt,
  'close-payment': prompt,
  'expire-order': calm,
  'alarm-confirming': calm,
  'sweep-open-payments': calm,
  'forget-old-keys': calm,
}

/** Begins to work: takes up what a dead process left behind, then whatever the queues bring. */
export async function startWorker(boss: PgBoss, context: TaskContext): Promise<void> {
  await sweepOpenPayments(context)
  await startTask(boss, context, 'prepare-payment')
  await startTask(boss, context, 'query-payment')
  await startTask(boss, context, 'close-payment')
  await startTask(boss, context, 'expire-order')
  await startTask(boss, context, 'alarm-confirming')
  await startTask(boss, context, 'sweep-open-payments')
  await startTask(boss, context, 'forget-old-keys')
  await boss.schedule('sweep-open-payments', '* * * * *', {})
  await boss.schedule('forget-old-keys', '17 * * * *', {})
}

async function startTask<Name extends QueueName>(
  boss: PgBoss,
  context: TaskContext,
  name: Name,
  task: Tasks[Name] = tasks[name],
): Promise<void> {
  const { batchSize, hands, everySeconds } = paces[name]
  const options = { batchSize, localConcurrency: hands, pollingIntervalSeconds: everySeconds, burstWhenBatchFull: true } as const
  await boss.work<JobData[Name], unknown, typeof options & { perJobResults: true }>(name, { ...options, perJobResults: true }, (jobs) =>
    Promise.all(jobs.map(({ id, data }) => settle(context, { id, name }, () => task(context, data)))),
  )
}

/** The queue repeats a job that failed; the log must say why. */
async function settle(
  { logger, countJob }: TaskContext,
  { id, name }: { id: string; name: QueueName },
  task: () => Promise<void>,
): Promise<{ id: string; status: 'completed' | 'failed' }> {
  try {
    await task()
    countJob({ name, outcome: 'done' })
    return { id, status: 'completed' }
  } catch (error) {
    countJob({ name, outcome: 'failed' })
    logger.error({ err: error, job: name }, 'a job failed and will be repeated')
    return { id, status: 'failed' }
  }
}
