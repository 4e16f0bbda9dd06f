import type { PgBoss } from 'pg-boss'
import type { JobData, QueueName } from '../storage/queues.ts'
import { alarmConfirming } from './tasks/alarmConfirming.ts'
import { confirmRefund } from './tasks/confirmRefund.ts'
import { checkLedger } from './tasks/checkLedger.ts'
import { forgetOldKeys } from './tasks/forgetOldKeys.ts'
import { planBillsOfDays } from './tasks/planBills.ts'
import type { TaskContext } from './tasks/taskContext.ts'

type Tasks = { [Name in QueueName]: (context: TaskContext, data: JobData[Name]) => Promise<void> }

/** What is done for a job of each queue. */
export const tasks: Tasks = {
  'alarm-confirming': alarmConfirming,
  'confirm-refund': confirmRefund,
  'forget-old-keys': forgetOldKeys,
  'plan-bills': planBillsOfDays,
  'check-ledger': checkLedger,
}

/** Jobs are few: what is done for every order goes by turns. */
const pace = { batchSize: 20, localConcurrency: 1, pollingIntervalSeconds: 2, burstWhenBatchFull: true } as const

/** Begins to work on whatever the queues bring. */
export async function startWorker(boss: PgBoss, context: TaskContext): Promise<void> {
  await startTask(boss, context, 'alarm-confirming')
  await startTask(boss, context, 'confirm-refund')
  await startTask(boss, context, 'forget-old-keys')
  await startTask(boss, context, 'plan-bills')
  await startTask(boss, context, 'check-ledger')
  // What it did is done by turns now (decisions/0017); a database of before still has its schedule.
  await boss.unschedule('sweep-open-payments')
  await boss.schedule('forget-old-keys', '17 * * * *', {})
  // Not at ten sharp, when every shop asks.
  await boss.schedule('plan-bills', '3-59/7 * * * *', {})
  // Bills come after ten.
  await boss.schedule('check-ledger', '30 11 * * *', {}, { tz: 'Asia/Shanghai' })
}

async function startTask<Name extends QueueName>(
  boss: PgBoss,
  context: TaskContext,
  name: Name,
  task: Tasks[Name] = tasks[name],
): Promise<void> {
  await boss.work<JobData[Name], unknown, typeof pace & { perJobResults: true }>(name, { ...pace, perJobResults: true }, (jobs) =>
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
