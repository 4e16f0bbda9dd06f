import pg from 'pg'

export interface PoolOptions {
  /** Connections at most. */
  max: number
  name: string
  /** The longest that a statement may take, in ms; 15 s when left out, 0 for no limit. */
  statementMs?: number
  /** An idle connection broke; the pool opens a new one by itself. */
  onConnectionLost: (error: Error) => void
}

/** A day stays yyyy-MM-dd: the driver would make a moment of it, by the time zone of this machine. */
const types = new pg.TypeOverrides()
types.setTypeParser(pg.types.builtins.DATE, (text) => text)

/**
 * A pool that outlives its server. Waiting for a free connection and each statement have a limit, on this side too, so
 * that a database that is overloaded, or has vanished without a word, becomes an error that a caller can answer with.
 *
 * The driver reports the loss of a connection as an event beside the failed statement, and Node ends a process whose
 * error events nobody listens to: the pool itself listens to idle connections only.
 */
export function openPool(config: pg.PoolConfig, { max, name, statementMs = 15_000, onConnectionLost }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    ...config,
    types,
    max,
    application_name: name,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 5_000,
    statement_timeout: statementMs,
    query_timeout: statementMs === 0 ? 0 : statementMs + 5_000,
    idle_in_transaction_session_timeout: 15_000,
  })
  pool.on('error', onConnectionLost)
  // One in use: whoever uses it hears of it from the statement.
  pool.on('connect', (client) => void client.on('error', () => undefined))
  return pool
}
