import { fromKysely, type PgBoss } from 'pg-boss'
import type { Tx } from './database.ts'
import type { JobRequest } from './queues.ts'

/** Puts jobs into the queue inside the transaction that makes the work: no commit, no job. */
export type Enqueue = (tx: Tx, jobs: readonly JobRequest[]) => Promise<void>

export function createEnqueue(boss: PgBoss): Enqueue {
  return async (tx, jobs) => {
    const db = fromKysely(tx)
    for (const { name, data, startAfter } of jobs) {
      await boss.send(name, data, { db, ...(startAfter && { startAfter }) })
    }
  }
}
