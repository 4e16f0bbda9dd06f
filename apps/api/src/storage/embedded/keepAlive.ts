import type { Cluster } from './cluster.ts'
import { stopServer } from './control.ts'
import type { EmbeddedLogger } from './logger.ts'
import { retry } from './retry.ts'
import type { SharedLock } from './sharedLock.ts'

/** While the server is away our callers get errors: never longer than this between two tries. */
const longestDelayMs = 5_000

export interface KeepAliveOptions {
  readonly cluster: Cluster
  readonly lock: SharedLock
  /** Finds the server running or starts it, and takes the shared lock. */
  readonly bringUp: () => Promise<SharedLock>
  readonly logger: EmbeddedLogger
}

/**
 * Watches the session that holds the lock. When it ends, the server was killed or stopped for lack of disk space:
 * brings it back, for as long as that takes, until `stop`.
 *
 * @returns stop: leaves the server to the others that use it; the last one stops it, and waits for that
 */
export function keepAlive({ cluster, lock, bringUp, logger }: KeepAliveOptions): () => Promise<void> {
  const stopping = new AbortController()
  let held: SharedLock | undefined = lock

  async function watch(): Promise<void> {
    while (held) {
      await Promise.race([held.lost, aborted(stopping.signal)])
      if (stopping.signal.aborted) return
      logger.error({ directory: cluster.paths.root }, 'the database server is gone; bringing it back')
      held = await bringBack()
    }
  }

  async function bringBack(): Promise<SharedLock | undefined> {
    let told = ''
    const onFailure = (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      if (message !== told) logger.error({ err: error, directory: cluster.paths.root }, 'the database server cannot be brought back yet')
      told = message
    }
    try {
      const again = await retry(bringUp, { longestDelayMs, onFailure, signal: stopping.signal })
      logger.info({ directory: cluster.paths.root }, 'the database server is back')
      return again
    } catch {
      // Only by `stop`, and every failure was told.
      return undefined
    }
  }

  const watching = watch()
  let stopped: Promise<void> | undefined
  return () => {
    stopped ??= (async () => {
      stopping.abort()
      await watching
      if (held) await leave(cluster, held)
    })()
    return stopped
  }
}

async function leave(cluster: Cluster, lock: SharedLock): Promise<void> {
  // A server that died at this very moment needs no stopping.
  const last = await lock.releaseIsLast().catch(() => false)
  if (last) await stopServer(cluster)
  await lock.end().catch(() => undefined)
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
