import { type Stats } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { postgresMajor } from './binaries.ts'
import type { ClusterPaths } from './cluster.ts'
import { codeOf, UnusableDirectoryError } from './errors.ts'

/**
 * Looks whether the directory is ours to run, and changes nothing.
 *
 * @returns the data directory's stats; undefined when there is nothing yet and a cluster may be made
 * @throws {UnusableDirectoryError} when there is something else, or something that we may not use
 */
export async function judgeDirectory(paths: ClusterPaths): Promise<Stats | undefined> {
  if ((await read(join(paths.parent, 'PG_VERSION'))) !== undefined) {
    throw new UnusableDirectoryError(paths.parent, 'it is the data directory of another PostgreSQL')
  }
  const found = await list(paths.root)
  if (found.length === 0) return undefined

  const version = (await read(join(paths.data, 'PG_VERSION')))?.trim()
  if (version === undefined) {
    throw new UnusableDirectoryError(paths.root, `it holds files that are not ours (${found.toSorted().slice(0, 3).join(', ')})`)
  }
  if (version !== postgresMajor) {
    const upgrade = `dump it with PostgreSQL ${version} and load it into a new directory`
    throw new UnusableDirectoryError(paths.root, `it was made by PostgreSQL ${version}, and this is ${postgresMajor}; ${upgrade}`)
  }
  if ((await read(paths.password)) === undefined) throw new UnusableDirectoryError(paths.root, 'its file "password" is missing')
  return judgeOwner(paths, await stat(paths.data))
}

/** PostgreSQL starts only as the owner of the data directory, and only when nobody else can write there. */
function judgeOwner({ data, root }: ClusterPaths, stats: Stats): Stats {
  const uid = process.getuid?.()
  if (uid === undefined) return stats
  if (uid !== 0 && stats.uid !== uid) throw new UnusableDirectoryError(root, `it belongs to another user (uid ${stats.uid}, we are ${uid})`)
  const mode = stats.mode & 0o777
  if (mode !== 0o700 && mode !== 0o750)
    throw new UnusableDirectoryError(root, `the mode of ${data} is 0${mode.toString(8)}, and PostgreSQL asks for 0700`)
  return stats
}

async function list(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw unreadable(directory, error)
  }
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw unreadable(file, error)
  }
}

function unreadable(path: string, error: unknown): UnusableDirectoryError {
  const code = codeOf(error)
  if (code === 'ENOTDIR') return new UnusableDirectoryError(path, 'it, or a folder above it, is a file', { cause: error })
  if (code === 'EACCES' || code === 'EPERM')
    return new UnusableDirectoryError(path, 'it belongs to another user and may not be read', { cause: error })
  return new UnusableDirectoryError(path, `it cannot be read (${code ?? String(error)})`, { cause: error })
}
