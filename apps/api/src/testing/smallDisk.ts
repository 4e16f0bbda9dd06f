import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Identity, ourselves, run } from '../storage/embedded/run.ts'
import { type EmbeddedChild, startEmbeddedChild } from './embeddedPostgresChild.ts'
import { query } from './query.ts'

export interface SmallDisk {
  /** Starts a process whose database lies on the small disk, in DATA_DIR. */
  readonly start: () => EmbeddedChild
  /** Leaves so little space that the database runs out of it. */
  readonly fill: () => Promise<void>
  readonly free: () => Promise<void>
}

/**
 * A cluster has 47 MB and its write-ahead log grows by 16 MB at a time: enough for one, with something left to fill.
 * The file system lives in a mount namespace, so it is gone with its last process and nobody else sees it.
 *
 * @returns undefined where we may not mount: not root, and no user namespaces
 */
export async function mountSmallDisk(dataDir: string): Promise<SmallDisk | undefined> {
  const asRoot = { make: ['unshare', '--mount'], enter: ['--mount'] }
  const inUserNamespace = {
    make: ['unshare', '--user', '--map-root-user', '--mount'],
    enter: ['--user', '--preserve-credentials', '--mount'],
  }
  for (const { make, enter } of [asRoot, inUserNamespace]) {
    const holder = await holdMount(make, dataDir)
    if (holder === undefined) continue
    const inside: Identity = { prefix: ['nsenter', '--target', String(holder), ...enter] }
    const ballast = join(dataDir, 'ballast')
    return {
      start: () => startEmbeddedChild(dataDir, inside),
      fill: async () => void (await run(inside, 'sh', ['-c', 'cat /dev/zero >"$1"', 'sh', ballast])),
      free: async () => void (await run(inside, 'rm', [ballast])),
    }
  }
  return undefined
}

/** @returns the process that keeps the mount; undefined when it was refused */
async function holdMount([file = 'unshare', ...args]: string[], directory: string): Promise<number | undefined> {
  const script = 'mount -t tmpfs -o size=112m,mode=0755 tmpfs "$1" && echo mounted && read -r _'
  const holder = spawn(file, [...args, 'sh', '-c', script, 'sh', directory], { stdio: ['pipe', 'pipe', 'ignore'] })
  const exited = once(holder, 'exit')
  const mounted = await Promise.race([
    once(holder.stdout, 'data').then(() => true),
    exited.then(
      () => false,
      () => false,
    ),
  ])
  if (!mounted) return undefined
  onTestFinished(async () => {
    holder.stdin.end()
    await exited
  })
  return holder.pid
}

/**
 * A limit on the size of files, which needs no rights at all. It is below the 16 MB of a segment of the write-ahead log,
 * which is begun anew first, so that there is room for some commits.
 */
export async function limitFileSize(dataDir: string): Promise<SmallDisk> {
  const unlimited = startEmbeddedChild(dataDir)
  const config = await unlimited.config
  await query(config, 'CREATE TABLE switched AS SELECT pg_switch_wal()')
  await query(config, 'DROP TABLE switched')
  await unlimited.stop()
  // In blocks of 512 bytes by POSIX; a shell that counts 1024 still stays below 16 MB.
  const limited: Identity = { ...ourselves, prefix: ['sh', '-c', 'ulimit -S -f 16000 && exec "$@"', 'sh'] }
  return {
    start: () => startEmbeddedChild(dataDir, limited),
    fill: async () => undefined,
    free: async () => void (await startEmbeddedChild(dataDir).config),
  }
}
