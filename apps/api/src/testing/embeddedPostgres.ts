import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject, onTestFinished, vi } from 'vitest'
import { findBinaries } from '../storage/embedded/binaries.ts'
import { type Cluster, clusterPaths } from '../storage/embedded/cluster.ts'
import { stopServer } from '../storage/embedded/control.ts'
import { chooseIdentity } from '../storage/embedded/identity.ts'
import { initialise } from '../storage/embedded/initialise.ts'
import { holderOf } from '../storage/embedded/postmasterPid.ts'
import { ourselves, run } from '../storage/embedded/run.ts'
import { runDirectoryOf } from '../storage/embedded/runDirectory.ts'

export const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** Processes and files are waited for as long as this; a busy machine takes its time, a hang takes for ever. */
export const patience = { timeout: 60_000, interval: 20 }

/** An empty DATA_DIR. After the test it is removed, and a server that still runs in it is stopped. */
export async function temporaryDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'wxpay-embedded-'))
  onTestFinished(() => removeDataDir(dataDir))
  // As an ordinary folder has it. A private one is closed to the user that root runs the server as (see identity.test.ts).
  await chmod(dataDir, 0o755)
  return dataDir
}

let template: Promise<string> | undefined

/** A DATA_DIR with a database that was never started: a copy, since making one takes most of a start's time. */
export async function initialisedDataDir(): Promise<string> {
  template ??= makeTemplate()
  const [dataDir, original] = await Promise.all([temporaryDataDir(), template])
  const copied = await run(ourselves, 'cp', ['-a', clusterPaths(original).root, clusterPaths(dataDir).root])
  if (copied.code !== 0) throw new Error(copied.output)
  return dataDir
}

/** One for each worker, whose test files share it. The folder goes at the end of the run. */
async function makeTemplate(): Promise<string> {
  const dataDir = await mkdtemp(join(inject('clusterTemplates'), 'cluster-'))
  await chmod(dataDir, 0o755)
  await initialise(clusterPaths(dataDir), await findBinaries())
  return dataDir
}

async function removeDataDir(dataDir: string): Promise<void> {
  if ((await serverPid(dataDir)) !== undefined) await stopServer(await openCluster(dataDir))
  const cluster = await openCluster(dataDir).catch(() => undefined)
  if (cluster) await rm(await runDirectoryOf(cluster), { recursive: true, force: true })
  // An initdb that outlived its killed parent may still be writing.
  await vi.waitFor(() => rm(dataDir, { recursive: true, force: true }), patience)
}

/** The server that runs in DATA_DIR now. */
export async function serverPid(dataDir: string): Promise<number | undefined> {
  const { pidFile, data } = clusterPaths(dataDir)
  const pid = Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10)
  return pid > 0 && holderOf(pid, data) === 'server' ? pid : undefined
}

/** As a power cut or the kernel's memory killer would: no farewell. @returns its process number */
export async function killServer(dataDir: string): Promise<number> {
  const pid = await serverPid(dataDir)
  if (pid === undefined) throw new Error(`no server runs in ${dataDir}`)
  process.kill(pid, 'SIGKILL')
  await vi.waitUntil(() => holderOf(pid, clusterPaths(dataDir).data) !== 'server', patience)
  return pid
}

/** What the code under test works on, for a DATA_DIR that has a database. */
export async function openCluster(dataDir: string): Promise<Cluster> {
  const paths = clusterPaths(dataDir)
  const binaries = await findBinaries()
  const identity = await chooseIdentity({ program: binaries.postgres, directory: paths.root, existing: await stat(paths.data) })
  return { paths, binaries, identity }
}
