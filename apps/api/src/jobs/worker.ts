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

/** Jobs of one queue that a process works on at a time: most of their time is spent waiting for WeChat. */
const concurrency: Record<QueueName, number> = {
  'prepare-payment': 4,
  'query-payment': 4,
  'close-payment': 8,
  'expire-order': 1,
  'alarm-confirming': 1,
  'sweep-open-payments': 1,
  'forget-old-keys': 1,
}

/** The shortest that the queue allows. */
const pollingIntervalSeconds = 0.5

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
  await boss.work<JobData[Name]>(name, { batchSize: 1, localConcurrency: concurrency[name], pollingIntervalSeconds }, async (jobs) => {
    for (const { data } of jobs) await run(context, name, () => task(context, data))
  })
}

/** The queue repeats a job that failed; the log must say why. */
async function run({ logger }: TaskContext, name: QueueName, task: () => Promise<void>): Promise<void> {
  try {
    await task()
  } catch (error) {
    logger.error({ err: error, job: name }, 'a job failed and will be repeated')
    throw error
  }
}
