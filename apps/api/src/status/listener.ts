import type pg from 'pg'
import type { Logger } from '../support/logger.ts'
import { createListeningLink } from './listeningLink.ts'
import type { ChangeHandlers } from './statusHub.ts'

export interface ListenerOptions extends ChangeHandlers {
  config: pg.ClientConfig
  logger: Pick<Logger, 'info' | 'warn'>
  healthCheckMs?: number
  /** How long a notification to ourselves may take. */
  heardWithinMs?: number
  /** The first pause before connecting again; it doubles up to 5 s. */
  retryMs?: number
}

const longestRetryMs = 5000

type Link = ReturnType<typeof createListeningLink>

/**
 * LISTENs for changed orders for as long as the process lives: when the connection breaks, stops answering or does not hear any more,
 * onDown is called and it connects again. What is lost without a word is found by the health check.
 *
 * @returns how to stop it
 */
export function createListener(options: ListenerOptions): () => Promise<void> {
  const { config, logger, onChange, onDown, onUp, healthCheckMs = 5000, heardWithinMs = 5000, retryMs = 100 } = options
  let link: Link | undefined
  let timer: NodeJS.Timeout | undefined
  let pauseMs = retryMs

  async function connect(): Promise<void> {
    const mine = createListeningLink({
      config,
      heardWithinMs,
      onChange: (token) => link === mine && onChange(token),
      onLost: (error) => lose(mine, error),
    })
    link = mine
    try {
      await mine.open()
      if (link !== mine) return
      pauseMs = retryMs
      logger.info('listening for changes')
      onUp()
      watch(mine)
    } catch (error) {
      lose(mine, error)
    }
  }

  function watch(mine: Link): void {
    timer = setTimeout(() => {
      mine.check().then(
        () => link === mine && watch(mine),
        (error: unknown) => lose(mine, error),
      )
    }, healthCheckMs).unref()
  }

  /** Called once per connection, whatever is noticed first. */
  function lose(mine: Link, error: unknown): void {
    if (link !== mine) return
    link = undefined
    clearTimeout(timer)
    void mine.close()
    logger.warn({ err: error }, 'not listening for changes, status answers come from the database')
    onDown()
    // Half of the pause is chance, so that several processes do not come back in step.
    timer = setTimeout(() => void connect(), pauseMs * (0.5 + Math.random() / 2)).unref()
    pauseMs = Math.min(pauseMs * 2, longestRetryMs)
  }

  void connect()
  return async () => {
    clearTimeout(timer)
    const last = link
    link = undefined
    await last?.close()
  }
}
