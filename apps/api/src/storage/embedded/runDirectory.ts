import { createHash } from 'node:crypto'
import { lstat, mkdir, realpath, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cluster } from './cluster.ts'
import { codeOf, UnusableDirectoryError } from './errors.ts'
import { handOver } from './identity.ts'

export const socketName = '.s.PGSQL.5432'

/** A socket's path has 107 bytes on Linux and 103 on macOS (sun_path without its final zero). */
const longestSocketPath = 103

/**
 * The directory of the Unix socket. A path of our own length is needed, so it lies in the temp directory under a hash of
 * the data directory's real path: two clusters never meet there, and each process finds the same one.
 */
export async function runDirectoryOf({ paths, identity }: Cluster): Promise<string> {
  const key = `${await realpath(paths.data)} ${identity.user?.uid ?? process.getuid?.() ?? ''}`
  const name = `wxpay-pg-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`
  return join(base(name), name)
}

/** Root's own temp directory may be closed to the user that the server runs as; /tmp never is. */
function base(name: string): string {
  const temp = tmpdir()
  const fits = Buffer.byteLength(join(temp, name, socketName)) <= longestSocketPath
  // The path is passed on through a shell and a list of directories: no quotes, commas or spaces.
  return fits && /^[\w./-]+$/.test(temp) && process.getuid?.() !== 0 ? temp : '/tmp'
}

/**
 * Makes it, for the server's user alone. The temp directory is everybody's: what is there already must be ours.
 *
 * @throws {UnusableDirectoryError}
 */
export async function makeRunDirectory(cluster: Cluster): Promise<string> {
  const path = await runDirectoryOf(cluster)
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error
  })
  const found = await lstat(path)
  const owners = [process.getuid?.(), cluster.identity.user?.uid]
  if (!found.isDirectory() || !owners.includes(found.uid)) {
    throw new UnusableDirectoryError(cluster.paths.root, `the directory for its socket, ${path}, was made by another user`)
  }
  await handOver([path], cluster.identity)
  return path
}

/** After the server stopped. A socket that another process put there meanwhile keeps the directory. */
export async function removeRunDirectory(cluster: Cluster): Promise<void> {
  await rmdir(await runDirectoryOf(cluster)).catch(() => undefined)
}
