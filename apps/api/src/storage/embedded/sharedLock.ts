import pg from 'pg'

/** Any number will do, if all versions of this project take the same; these are the letters "wxpg". */
const lockKey = 0x77_78_70_67

/** A session of its own that says "somebody uses this server". */
export interface SharedLock {
  /** Settles when the session is over, whoever ended it. */
  readonly lost: Promise<void>
  /** Gives the lock back. @returns true when nobody else holds it; then nobody else can take it until `end` */
  readonly releaseIsLast: () => Promise<boolean>
  readonly end: () => Promise<void>
}

/**
 * The session ends with its process, also by kill -9, and PostgreSQL then gives the lock back by itself: there is no
 * counter that could be wrong after a crash.
 *
 * Waits while the last user is stopping the server, and is then rejected: start again.
 */
export async function takeSharedLock(config: pg.ClientConfig): Promise<SharedLock> {
  // Longer than any server needs to answer "I am starting" or "I am busy".
  const client = new pg.Client({ ...config, application_name: 'wxpay keep-alive', connectionTimeoutMillis: 10_000 })
  const lost = new Promise<void>((resolve) => {
    client.once('end', () => resolve())
    // The end of the session is what counts; without a listener its error would end the process.
    client.on('error', () => undefined)
  })
  try {
    await client.connect()
    await client.query('SELECT pg_advisory_lock_shared($1)', [lockKey])
  } catch (error) {
    // The connection may be gone already: then there is nothing to end.
    await client.end().catch(() => undefined)
    throw error
  }
  return { lost, releaseIsLast: () => releaseIsLast(client), end: () => client.end() }
}

async function releaseIsLast(client: pg.Client): Promise<boolean> {
  await client.query('SELECT pg_advisory_unlock_shared($1)', [lockKey])
  const { rows } = await client.query<{ last: boolean }>('SELECT pg_try_advisory_lock($1) AS last', [lockKey])
  return rows[0]?.last === true
}
