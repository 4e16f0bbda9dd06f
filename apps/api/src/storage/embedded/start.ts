import { readFile } from 'node:fs/promises'
import type pg from 'pg'
import { findBinaries } from './binaries.ts'
import { type Cluster, clusterPaths } from './cluster.ts'
import { clearStaleFiles, isRunning, startServer } from './control.ts'
import { judgeDirectory } from './directory.ts'
import { codeOf, EmbeddedPostgresError, ServerStartError, UnusableDirectoryError } from './errors.ts'
import { chooseIdentity } from './identity.ts'
import { databaseName, initialise } from './initialise.ts'
import { keepAlive } from './keepAlive.ts'
import type { EmbeddedLogger } from './logger.ts'
import { readAddress } from './postmasterPid.ts'
import { retry } from './retry.ts'
import { type SharedLock, takeSharedLock } from './sharedLock.ts'

export interface EmbeddedPostgresOptions {
  /** DATA_DIR: the database is made, or found, in its folder `postgres`. */
  readonly dataDir: string
  readonly logger: EmbeddedLogger
}

export interface EmbeddedPostgres {
  /** Good for as long as this process lives: a server that is brought back listens at the same place. */
  readonly config: pg.PoolConfig
  /** Close your connections first. The last process that uses the server stops it; waits for that. */
  readonly stop: () => Promise<void>
}

/** A server that needs longer, to recover after a crash, goes on; the next start finds it. pg_ctl waits as long. */
const patienceMs = 60_000

/** A start fails once or twice when several processes start at once; a real fault fails every time. */
const startFailuresAllowed = 3

/** Wrong password, role refused, database missing: waiting does not help. */
const hopeless = ['28P01', '28000', '3D000']

/**
 * Runs a PostgreSQL server under DATA_DIR, or joins one that runs there already: one that another process started, or
 * that outlived a killed parent. Brings it back when it dies, until `stop`.
 *
 * @throws {EmbeddedPostgresError} with a message for the person who started us
 */
export async function startEmbeddedPostgres({ dataDir, logger }: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const cluster = await openCluster(dataDir)
  const password = await readFile(cluster.paths.password, 'utf8')
  const configNow = async (): Promise<pg.ClientConfig> => {
    const address = await readAddress(cluster.paths.pidFile)
    return { ...address, user: 'app', password, database: databaseName, ssl: false }
  }
  const bringUp = async () => {
    const how = await ensureRunning(cluster, logger)
    const lock = await takeSharedLock(await configNow())
    logger.info({ directory: cluster.paths.root }, `${how} the database server`)
    return lock
  }
  const lock = await bringUpFirst(cluster, bringUp)
  const config = await configNow()
  return { config, stop: keepAlive({ cluster, lock, bringUp, logger }) }
}

/** The cluster in DATA_DIR, made if there is none. */
async function openCluster(dataDir: string): Promise<Cluster> {
  const paths = clusterPaths(dataDir)
  const binaries = await findBinaries()
  let existing = await judgeDirectory(paths)
  if (!existing) {
    await initialise(paths, binaries)
    existing = await judgeDirectory(paths)
  }
  if (!existing) throw new UnusableDirectoryError(paths.root, 'it vanished while it was made')
  const identity = await chooseIdentity({ program: binaries.postgres, directory: paths.root, existing })
  return { paths, binaries, identity }
}

async function ensureRunning(cluster: Cluster, logger: EmbeddedLogger): Promise<'joined' | 'started'> {
  const removed = await clearStaleFiles(cluster)
  if (removed.length > 0) logger.warn({ removed }, 'removed lock files of a database server that is gone')
  if (await isRunning(cluster)) return 'joined'
  await startServer(cluster)
  return 'started'
}

/** Another process may be starting or stopping the same server: that passes, so it is tried again for a while. */
function bringUpFirst(cluster: Cluster, bringUp: () => Promise<SharedLock>): Promise<SharedLock> {
  const giveUpAt = performance.now() + patienceMs
  let startFailures = 0
  const onFailure = (error: unknown) => {
    if (error instanceof ServerStartError && ++startFailures < startFailuresAllowed) return
    if (error instanceof EmbeddedPostgresError) throw error
    if (hopeless.includes(codeOf(error) ?? '') || performance.now() > giveUpAt) {
      const detail = error instanceof Error ? error.message : String(error)
      throw new ServerStartError(cluster.paths.root, `${detail}.`, { cause: error })
    }
  }
  return retry(bringUp, { longestDelayMs: 1_000, onFailure })
}
