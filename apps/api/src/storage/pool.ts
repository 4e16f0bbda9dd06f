import pg from 'pg'

/**
 * A pool that outlives its server. The driver reports the loss of a connection as an event beside the failed statement,
 * and Node ends a process whose error events nobody listens to: the pool listens to idle connections only.
 *
 * @param onConnectionLost - an idle connection broke; the pool opens a new one by itself
 */
export function openPool(config: pg.PoolConfig, onConnectionLost: (error: Error) => void): pg.Pool {
  const pool = new pg.Pool(config)
  pool.on('error', onConnectionLost)
  // One in use: whoever uses it hears of it from the statement.
  pool.on('connect', (client) => void client.on('error', () => undefined))
  return pool
}
