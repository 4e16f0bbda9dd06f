import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely'
import type pg from 'pg'
import { openPool, type PoolOptions } from './pool.ts'
import type { Tables } from './tables.ts'

export type Database = Kysely<Tables>
export type Tx = Transaction<Tables>

export function openDatabase({ config, ...options }: PoolOptions & { config: pg.PoolConfig }): Database {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: openPool(config, options) }) })
}

/** Whether the database answers over this pool. */
export async function answers(db: Database): Promise<boolean> {
  try {
    await sql`SELECT 1`.execute(db)
    return true
  } catch {
    return false
  }
}
