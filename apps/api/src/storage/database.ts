import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely'
import type pg from 'pg'
import { keepPlans } from './keepPlans.ts'
import { openPool, type PoolOptions } from './pool.ts'
import type { Tables } from './tables.ts'

export type Database = Kysely<Tables>
export type Tx = Transaction<Tables>

export function openDatabase({ config, ...options }: PoolOptions & { config: pg.PoolConfig }): Database {
  const pool = openPool(config, options)
  keepPlans(pool)
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
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
