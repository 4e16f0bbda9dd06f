import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import type pg from 'pg'
import { openPool } from './pool.ts'
import type { Tables } from './tables.ts'

export type Database = Kysely<Tables>
export type Tx = Transaction<Tables>

export interface DatabaseOptions {
  config: pg.PoolConfig
  /** Connections at most. */
  max: number
  name: string
  /** An idle connection broke; the pool opens a new one by itself. */
  onConnectionLost: (error: Error) => void
}

/**
 * A pool of connections. Waiting for a free one, and each statement, have a limit, so that an overloaded or
 * vanished database becomes an error that a caller can answer with.
 */
export function openDatabase({ config, max, name, onConnectionLost }: DatabaseOptions): Database {
  const pool = openPool(
    {
      ...config,
      max,
      application_name: name,
      connectionTimeoutMillis: 5_000,
      statement_timeout: 15_000,
      idle_in_transaction_session_timeout: 15_000,
    },
    onConnectionLost,
  )
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
}
