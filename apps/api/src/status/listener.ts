import pg from 'pg'
import { changeChannel } from '../storage/changeOrder.ts'
import type { Logger } from '../support/logger.ts'
import type { ChangeHandlers } from './statusHub.ts'

export interface ListenerOptions extends ChangeHandlers {
  config: pg.ClientConfig
  logger: Pick<Logger, 'info' | 'warn'>
  healthCheckMs?: number
  /** The first pause before connecting again; it doubles up to 5 s. */
  retryMs?: number
}

const longestRetryMs = 5000

/**
 * One connection that LISTENs for changed orders, for as long as the process lives: when it breaks or stops answering, onDown is
 * called and it connects again. A connection that is cut without a word is found by the health check.
 *
 * @returns how to stop it
 */
export function createListener(options: ListenerOptions): () => Promise<void> {
  const { config, logger, onChange, onDown, onUp, healthCheckMs = 5000, retryMs = 100 } = options
  let stopped = false
  let client: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined
  let pauseMs = retryMs

  async function connect(): Promise<void> {
    const mine = new pg.Client({
      ...config,
      application_name: 'wxpay-checkout listener',
      keepAlive: true,
      connectionTimeoutMillis: 5000,
      query_timeout: 5000,
    })
    client = mine
    mine.on('error', (error) => lose(mine, error))
    mine.on('end', () => lose(mine, new Error('the connection ended')))
    mine.on('notification', ({ payload }) => {
      if (client === mine && payload) onChange(payload)
    })
    try {
      await mine.connect()
      await mine.query(`LISTEN ${changeChannel}`)
      if (client !== mine) return
      pauseMs = retryMs
      logger.info('listening for changes')
      onUp()
      watch(mine)
    } catch (error) {
      lose(mine, error)
    }
  }

  function watch(mine: pg.Client): void {
    timer = setTimeout(() => {
      mine.query('SELECT 1').then(
        () => client === mine && watch(mine),
        (error: unknown) => lose(mine, error),
      )
    }, healthCheckMs).unref()
  }

  /** Called once per connection, whatever is noticed first. */
  function lose(mine: pg.Client, error: unknown): void {
    if (client !== mine) return
    client = undefined
    clearTimeout(timer)
    mine.end().catch(() => undefined) // it may be cut already; there is nobody to tell
    if (stopped) return
    logger.warn({ err: error }, 'not listening for changes, status answers come from the database')
    onDown()
    // Half of the pause is chance, so that several processes do not come back in step.
    timer = setTimeout(() => void connect(), pauseMs * (0.5 + Math.random() / 2)).unref()
    pauseMs = Math.min(pauseMs * 2, longestRetryMs)
  }

  void connect()
  return async () => {
    stopped = true
    clearTimeout(timer)
    const last = client
    client = undefined
    await last?.end().catch(() => undefined)
  }
}
