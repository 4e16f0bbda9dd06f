import type { PgBoss } from 'pg-boss'

/** Every queue with what its jobs carry. Names tell what the worker does. */
export interface JobData {
  'prepare-payment': { outTradeNo: string }
  /** `reserved`: a call of the budget is kept for it. */
  'query-payment': { outTradeNo: string; reserved?: boolean }
  'close-payment': { outTradeNo: string }
  'expire-order': { orderId: string }
  'alarm-confirming': { outTradeNo: string }
  'sweep-open-payments': Record<string, never>
  'forget-old-keys': Record<string, never>
}

export type QueueName = keyof JobData

export type JobRequest = { [Name in QueueName]: { name: Name; data: JobData[Name]; startAfter?: Date } }[QueueName]

export const queueNames = [
  'prepare-payment',
  'query-payment',
  'close-payment',
  'expire-order',
  'alarm-confirming',
  'sweep-open-payments',
  'forget-old-keys',
] as const satisfies readonly QueueName[]

/**
 * A job whose process died is given to another after `expireInSeconds`, which is longer than the longest job:
 * three calls to WeChat of at most 8 s each.
 */
export async function createQueues(boss: PgBoss): Promise<void> {
  for (const name of queueNames) {
    await boss.createQueue(name, {
      expireInSeconds: 60,
      retryLimit: 20,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: 60,
      deleteAfterSeconds: 3_600,
    })
  }
}
