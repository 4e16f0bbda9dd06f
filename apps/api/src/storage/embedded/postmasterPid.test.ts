import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { initialisedDataDir, openCluster, patience, silent, temporaryDataDir } from '../../testing/embeddedPostgres.ts'
import { query } from '../../testing/query.ts'
import type { Cluster } from './cluster.ts'
import { isRunning } from './control.ts'
import { handOver } from './identity.ts'
import { holderOf, readAddress, removeIfStale } from './postmasterPid.ts'
import { makeRunDirectory, socketName } from './runDirectory.ts'
import { startEmbeddedPostgres } from './start.ts'

/** A stopped database with one row in it. */
async function stopped(): Promise<{ dataDir: string; cluster: Cluster }> {
  const dataDir = await initialisedDataDir()
  const { config, stop } = await startEmbeddedPostgres({ dataDir, logger: silent })
  await query(config, 'CREATE TABLE kept AS SELECT 1 AS fen')
  await stop()
  return { dataDir, cluster: await openCluster(dataDir) }
}

/** A process of the user that runs the server: only such a one can be mistaken for it. */
function spawnAs({ identity }: Cluster, script: string): ChildProcess {
  const [file, ...args] = [...identity.prefix, '/bin/sh', '-c', script]
  const child = spawn(file, args, { cwd: '/', ...identity.user, stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(async () => {
    const exited = once(child, 'exit')
    if (child.exitCode === null && child.kill('SIGKILL')) await exited
  })
  return child
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error('the child has no output')
  const [line]: unknown[] = await once(createInterface({ input: stdout }), 'line')
  return String(line)
}

/** What a server that was killed leaves in its data directory and beside its socket. */
async function leaveLockFiles(cluster: Cluster, pid: number): Promise<void> {
  const run = await makeRunDirectory(cluster)
  const content = `${pid}\n${cluster.paths.data}\n1700000000\n5432\n${run}\n\n`
  const files = [cluster.paths.pidFile, join(run, `${socketName}.lock`)]
  await Promise.all(files.map((file) => writeFile(file, content, { mode: 0o600 })))
  await handOver(files, cluster.identity)
}

async function expectToStart(dataDir: string): Promise<void> {
  const { config, stop } = await startEmbeddedPostgres({ dataDir, logger: silent })
  await expect(query(config, 'SELECT fen FROM kept')).resolves.toEqual([{ fen: 1 }])
  await stop()
}

describe('the next start is not kept away by the lock files of a dead server,', () => {
  it('when its number is nobody’s', async () => {
    const { dataDir, cluster } = await stopped()
    const child = spawnAs(cluster, 'exit 0')
    await once(child, 'exit')
    await leaveLockFiles(cluster, child.pid ?? 0)
    await expectToStart(dataDir)
  })

  it('when its number was given to another process, which is left alone', async () => {
    const { dataDir, cluster } = await stopped()
    const child = spawnAs(cluster, 'echo up; exec sleep 1000')
    await firstLine(child)
    await leaveLockFiles(cluster, child.pid ?? 0)
    // This is why the file has to be judged: PostgreSQL itself is taken in.
    expect(await isRunning(cluster)).toBe(true)

    await expectToStart(dataDir)
    expect(child.exitCode ?? child.signalCode).toBeNull()
  })

  it('when it is a zombie that nobody buries', async () => {
    const { dataDir, cluster } = await stopped()
    // The shell starts a child and becomes a program that never asks for its children's ends. The child lives until then: a shell would bury it.
    const becomesZombie = '(until grep -q sleep /proc/$$/comm; do sleep 0.01; done)'
    const zombie = Number(await firstLine(spawnAs(cluster, `${becomesZombie} & echo $!; exec sleep 1000`)))
    await vi.waitUntil(async () => /\) Z /.test(await readFile(`/proc/${zombie}/stat`, 'utf8')), patience)
    await leaveLockFiles(cluster, zombie)
    expect(await isRunning(cluster)).toBe(true)

    await expectToStart(dataDir)
    expect(holderOf(zombie, cluster.paths.data)).toBe('stale')
  })
})

describe('a pid file', () => {
  it('of a running server is never removed', async () => {
    const dataDir = await initialisedDataDir()
    const { stop } = await startEmbeddedPostgres({ dataDir, logger: silent })
    const { paths } = await openCluster(dataDir)
    expect(removeIfStale(paths.pidFile, paths.data)).toBe(false)
    expect(existsSync(paths.pidFile)).toBe(true)
    await stop()
  })

  it('that is empty is being written, unless it is old', async () => {
    const directory = await temporaryDataDir()
    const file = join(directory, 'postmaster.pid')
    await writeFile(file, '')
    expect(removeIfStale(file, directory)).toBe(false)
    await utimes(file, 0, 0)
    expect(removeIfStale(file, directory)).toBe(true)
    expect(await readdir(directory)).toEqual([])
  })

  it('that is not there needs no removing, and has no address', async () => {
    const directory = await temporaryDataDir()
    const file = join(directory, 'postmaster.pid')
    expect(removeIfStale(file, directory)).toBe(false)
    await expect(readAddress(file)).rejects.toMatchObject({ code: 'ENOENT' })
    await writeFile(file, '17\n/data\n')
    await expect(readAddress(file)).rejects.toThrow('has not written its address')
  })
})
