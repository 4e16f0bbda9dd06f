import type { PgBoss } from 'pg-boss'

/** Every queue with what its jobs carry. Names tell what the worker does. */
export interface JobData {
  'prepare-payment': Turn
  /** `reserved`: a call of the budget is kept for it. */
  'query-payment': Turn & { reserved?: boolean }
  'close-payment': Turn
  'expire-order': { orderId: string }
  'alarm-confirming': { outTradeNo: string }
  'sweep-open-payments': Record<string, never>
  'forget-old-keys': Record<string, never>
}

/**
 * `turn`: the moment (RFC 3339) that stands on the payment for this job. When another stands there by now, the job has
 * been overtaken. A job without one is for at once.
 */
export interface Turn {
  outTradeNo: string
  turn?: string
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
 * three calls to WeChat of at most 8 s each. What is done is deleted soon: the history of an order is in its events.
 */
const queueOptions = {
  expireInSeconds: 60,
  retryLimit: 20,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 60,
  deleteAfterSeconds: 300,
}

export async function createQueues(boss: PgBoss): Promise<void> {
  for (const name of queueNames) {
    await boss.createQueue(name, queueOptions)
    // A queue that is there already keeps its options unless it is told.
    await boss.updateQueue(name, queueOptions)
  }
}
