import { Kysely, PostgresDialect } from 'kysely'
import type pg from 'pg'
import type { Database } from './database.ts'
import { openPool, type PoolOptions } from './pool.ts'
import type { Tables } from './tables.ts'

/** Connections of their own: comparing a million rows takes longer than a statement of a request may, and must not keep one waiting. */
export interface BillStore {
  db: Database
  /** The same connections, for COPY. */
  pool: pg.Pool
  close(): Promise<void>
}

/** Nothing that is right takes so long. */
const statementMs = 1_800_000

export function openBillStore({
  config,
  max,
  onConnectionLost,
}: Omit<PoolOptions, 'name' | 'statementMs'> & { config: pg.PoolConfig }): BillStore {
  const pool = openPool(config, { max, name: 'wxpay bills', statementMs, onConnectionLost })
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  return { db, pool, close: () => db.destroy() }
}
