import { randomBytes, randomUUID } from 'node:crypto'
import pg from 'pg'
import { changeChannel } from '../storage/changeOrder.ts'

export interface ListeningLinkOptions {
  config: pg.ClientConfig
  /** How long a message to ourselves may take, in milliseconds. */
  heardWithinMs: number
  onChange(token: string): void
  /** A connection broke or ended. May be called several times, and after close. */
  onLost(error: Error): void
}

/** PostgreSQL answers, and what it tells does not reach us. */
export class NotHeardError extends Error {
  override readonly name = 'NotHeardError'

  constructor() {
    super('a notification to ourselves was not heard: a pooler in transaction mode in DATABASE_URL loses them, LISTEN needs a session')
  }
}

/**
 * A connection that LISTENs for changed orders, and another that proves that it hears: that a statement is answered proves nothing,
 * because a pooler may answer it from another session. A session hears itself even then, so the proof comes from the other connection.
 */
export function createListeningLink({ config, heardWithinMs, onChange, onLost }: ListeningLinkOptions) {
  const ownChannel = `listener_${randomBytes(8).toString('hex')}`
  const listening = openClient('wxpay-checkout listener')
  const speaking = openClient('wxpay-checkout listener check')
  let expected: { payload: string; heard: () => void } | undefined

  function openClient(name: string): pg.Client {
    const limits = { connectionTimeoutMillis: 5000, query_timeout: 5000 }
    const client = new pg.Client({ ...config, application_name: name, keepAlive: true, ...limits })
    client.on('error', onLost)
    client.on('end', () => onLost(new Error('the connection ended')))
    return client
  }

  listening.on('notification', ({ channel, payload = '' }) => {
    if (channel === changeChannel) onChange(payload)
    else if (payload === expected?.payload) expected.heard()
  })

  /** @throws {NotHeardError} and what the driver throws */
  async function check(): Promise<void> {
    const { promise: heard, resolve, reject } = Promise.withResolvers<unknown>()
    expected = { payload: randomUUID(), heard: () => resolve(undefined) }
    const timer = setTimeout(() => reject(new NotHeardError()), heardWithinMs)
    try {
      await Promise.all([heard, speaking.query('SELECT pg_notify($1, $2)', [ownChannel, expected.payload])])
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    /** Changes are heard once this is done. @throws {NotHeardError} and what the driver throws */
    async open(): Promise<void> {
      await Promise.all([listening.connect(), speaking.connect()])
      await listening.query(`LISTEN ${changeChannel}; LISTEN ${ownChannel}`)
      await check()
    },
    check,
    async close(): Promise<void> {
      // They may be cut already; there is nobody to tell.
      await Promise.allSettled([listening.end(), speaking.end()])
    },
  }
}
