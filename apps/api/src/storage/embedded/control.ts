import { readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cluster } from './cluster.ts'
import { isDiskFull, saysDiskFull } from './diskFull.ts'
import { DiskFullError, type EmbeddedPostgresError, ServerStartError, UnusableDirectoryError } from './errors.ts'
import { removeIfStale } from './postmasterPid.ts'
import { makeRunDirectory, removeRunDirectory, runDirectoryOf, socketName } from './runDirectory.ts'
import { run, type RunResult } from './run.ts'

/** pg_ctl's own default. A server that needs longer to recover goes on all the same; only the waiting ends. */
const waitSeconds = 60

/** The log gets a few lines a day, and many while something is wrong. One old log is kept. */
const longestLogBytes = 1024 * 1024

/** Exit codes of `pg_ctl status`: https://www.postgresql.org/docs/18/app-pg-ctl.html */
const statusRunning = 0
const statusStopped = 3

/** Whether a server runs in the data directory, ours or one that another process started. */
export async function isRunning(cluster: Cluster): Promise<boolean> {
  const { code, output } = await pgCtl(cluster, ['status'])
  if (code === statusRunning) return true
  if (code === statusStopped) return false
  throw new UnusableDirectoryError(cluster.paths.root, output.trim())
}

/** Removes what a dead server left behind and would keep a new one from starting. @returns the removed files */
export async function clearStaleFiles(cluster: Cluster): Promise<string[]> {
  const { pidFile, data } = cluster.paths
  if (process.platform === 'win32') return []
  const socket = join(await runDirectoryOf(cluster), socketName)
  const removed = [pidFile, `${socket}.lock`].filter((file) => removeIfStale(file, data))
  if (removed.includes(`${socket}.lock`)) await rm(socket, { force: true })
  return removed
}

/**
 * Starts the server and waits until it answers. pg_ctl detaches it, so Ctrl-C in a terminal does not reach it before
 * the app has drained.
 *
 * @throws {DiskFullError | ServerStartError} also when another process was faster: then it is running on the next look
 */
export async function startServer(cluster: Cluster): Promise<void> {
  const { log, root } = cluster.paths
  const offset = await rotateLog(log)
  const options = process.platform === 'win32' ? [] : ['-o', `-c unix_socket_directories=${await makeRunDirectory(cluster)}`]
  const started = await pgCtl(cluster, ['start', '-w', '-t', String(waitSeconds), '-l', log, ...options])
  if (started.code !== 0) throw await explain(root, started, (await readLog(log)).slice(offset))
}

/** Ends all sessions, writes everything out, and waits for it. */
export async function stopServer(cluster: Cluster): Promise<void> {
  const stopped = await pgCtl(cluster, ['stop', '-w', '-t', String(waitSeconds), '-m', 'fast'])
  if (stopped.code !== 0 && (await isRunning(cluster))) {
    throw new Error(`PostgreSQL in ${cluster.paths.root} did not stop: ${stopped.output.trim()}`)
  }
  await removeRunDirectory(cluster)
}

function pgCtl({ binaries, identity, paths }: Cluster, args: readonly string[]): Promise<RunResult> {
  return run(identity, binaries.pg_ctl, [...args, '-D', paths.data], { cwd: paths.root })
}

async function explain(root: string, started: RunResult, log: string): Promise<EmbeddedPostgresError> {
  if (saysDiskFull(log + started.output) || (await isDiskFull(root))) return new DiskFullError(root)
  const reasons = log.split('\n').filter((line) => /\b(FATAL|PANIC|HINT):/.test(line))
  return new ServerStartError(root, (reasons.length > 0 ? reasons.join(' ') : started.output).trim().slice(-500))
}

/** @returns the length of the log before this start, in characters */
async function rotateLog(log: string): Promise<number> {
  const found = await stat(log).catch(() => undefined)
  if (found && found.size > longestLogBytes) await rename(log, `${log}.1`)
  return (await readLog(log)).length
}

/** The server's messages are English and ASCII but for names: characters and bytes are not told apart. */
function readLog(log: string): Promise<string> {
  return readFile(log, 'latin1').catch(() => '')
}
