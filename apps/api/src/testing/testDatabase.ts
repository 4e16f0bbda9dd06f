import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { templateDatabase } from './templateDatabase.ts'

export interface TestDatabase {
  readonly config: pg.PoolConfig
  drop(): Promise<void>
}

/**
 * A database of its own for one test file, with every table and queue, in about 50 ms. FILE_COPY: the template is small
 * and nothing has to be durable here, so copying files beats writing them to the log.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const database = `t_${randomBytes(8).toString('hex')}`
  await administer(`CREATE DATABASE ${database} TEMPLATE ${templateDatabase} STRATEGY FILE_COPY`)
  return {
    config: { ...inject('postgres'), database },
    // FORCE: a test that failed may have left connections open.
    drop: () => administer(`DROP DATABASE ${database} WITH (FORCE)`),
  }
}

async function administer(statement: string): Promise<void> {
  const admin = new pg.Client({ ...inject('postgres'), database: 'postgres' })
  await admin.connect()
  try {
    await admin.query(statement)
  } finally {
    await admin.end()
  }
}
