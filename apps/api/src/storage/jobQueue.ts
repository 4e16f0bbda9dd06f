import type pg from 'pg'
import { fromKysely, PgBoss } from 'pg-boss'
import type { Tx } from './database.ts'
import { openPool } from './pool.ts'
import type { JobRequest } from './queues.ts'

/** Puts jobs into the queue inside the transaction that makes the work: no commit, no job. */
export type Enqueue = (tx: Tx, jobs: readonly JobRequest[]) => Promise<void>

export function createEnqueue(boss: PgBoss): Enqueue {
  return async (tx, jobs) => {
    const db = fromKysely(tx)
    // One statement per queue, however many jobs.
    for (const [name, ofQueue] of Map.groupBy(jobs, (job) => job.name)) {
      const inserts = ofQueue.map(({ data, startAfter }) => ({ data, ...(startAfter && { startAfter }) }))
      await boss.insert(name, inserts, { db, returnId: false })
    }
  }
}

export interface JobQueue {
  boss: PgBoss
  /** Lets jobs under way finish, three calls to WeChat at most. */
  close(): Promise<void>
}

export interface JobQueueOptions {
  config: pg.PoolConfig
  /** Connections at most. */
  max: number
  /** A worker also looks after the queue: jobs whose process died, schedules, what is old. */
  works: boolean
  onTrouble: (error: Error) => void
}

/** The schema must be there: see migrate.ts. */
export async function openJobQueue({ config, max, works, onTrouble }: JobQueueOptions): Promise<JobQueue> {
  const pool = openPool(config, { max, name: 'wxpay jobs', onConnectionLost: onTrouble })
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    migrate: false,
    supervise: works,
    schedule: works,
    // A job whose process died is given to another soon after its time is over.
    superviseIntervalSeconds: 10,
    monitorIntervalSeconds: 10,
    // What is done is deleted after five minutes (queues.ts), not once a day.
    maintenanceIntervalSeconds: 300,
  })
  boss.on('error', onTrouble)
  await boss.start()
  return {
    boss,
    async close() {
      await boss.stop({ graceful: true, timeout: 30_000 })
      await pool.end()
    },
  }
}
