import pg from 'pg'

/** As many connections as are used at once, all of them open. */
export async function openPool(config: pg.PoolConfig, connections: number): Promise<pg.Pool> {
  const pool = new pg.Pool({ ...config, max: connections, idleTimeoutMillis: 0 })
  pool.on('error', () => undefined) // the server is stopped before this process
  const clients = await Promise.all(Array.from({ length: connections }, () => pool.connect()))
  for (const client of clients) client.release()
  return pool
}

/** @throws {Error} when a statement changed nothing: the work would not be the same */
export async function changeOne(client: pg.PoolClient, statement: string, values: readonly unknown[]): Promise<void> {
  const { rowCount } = await client.query(statement, [...values])
  if (rowCount !== 1) throw new Error(`${rowCount} rows: ${statement}`)
}

export async function inTransaction(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await work(client)
    await client.query('COMMIT')
    client.release()
  } catch (error) {
    client.release(true)
    throw error
  }
}
