import type { PgBoss } from 'pg-boss'

/**
 * Every queue with what its jobs carry. Names tell what the worker does. What is done for every order is not here: an idle worker reads
 * all jobs that wait for their time (decisions/0017).
 */
export interface JobData {
  'alarm-confirming': { outTradeNo: string }
  /** Of a message about a refund that was not signed: WeChat is asked before anything follows from it (rule R20). */
  'confirm-refund': { protocol: string; outTradeNo: string; outRefundNo: string; refundId: string }
  'forget-old-keys': Record<string, never>
  'plan-bills': Record<string, never>
  'check-ledger': Record<string, never>
}

export type QueueName = keyof JobData

export type JobRequest = { [Name in QueueName]: { name: Name; data: JobData[Name]; startAfter?: Date } }[QueueName]

export const queueNames = [
  'alarm-confirming',
  'confirm-refund',
  'forget-old-keys',
  'plan-bills',
  'check-ledger',
] as const satisfies readonly QueueName[]

/**
 * A job whose process died is given to another after `expireInSeconds`, which is longer than the longest job. What is done is
 * deleted soon: the history of an order is in its events.
 */
const queueOptions = {
  expireInSeconds: 60,
  retryLimit: 20,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 60,
  deleteAfterSeconds: 300,
}

/**
 * The check of the ledger reads all bills that there are. A refund that WeChat has told of only once, unsigned, is asked about for the best part of a
 * day: WeChat may be away, or its payment not be here yet.
 */
const ownOptions: Partial<Record<QueueName, Partial<typeof queueOptions>>> = {
  'check-ledger': { expireInSeconds: 7_200 },
  'confirm-refund': { retryLimit: 40, retryDelayMax: 1_800 },
}

export async function createQueues(boss: PgBoss): Promise<void> {
  for (const name of queueNames) {
    const options = { ...queueOptions, ...ownOptions[name] }
    await boss.createQueue(name, options)
    // A queue that is there already keeps its options unless it is told.
    await boss.updateQueue(name, options)
  }
}
