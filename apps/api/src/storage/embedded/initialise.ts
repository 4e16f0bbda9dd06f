import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Binaries } from './binaries.ts'
import { type ClusterPaths, pathsBelow } from './cluster.ts'
import { codeOf, DiskFullError, ServerStartError, UnusableDirectoryError } from './errors.ts'
import { saysDiskFull } from './diskFull.ts'
import { chooseIdentity, handOver } from './identity.ts'
import { initdbArguments } from './initdb.ts'
import { type Identity, run, type RunOptions } from './run.ts'

export const databaseName = 'wxpay'

/** An initialisation takes about a second; a folder this old was left by one that was killed. */
const abandonedAfterMs = 10 * 60_000

/**
 * Makes the cluster in a sibling folder and renames it, so that a half-made one is never seen under the real name. When
 * several processes do this at once, one rename succeeds; the others find the name taken and throw theirs away.
 */
export async function initialise(paths: ClusterPaths, binaries: Binaries): Promise<void> {
  const making = await makeSibling(paths)
  try {
    const identity = await chooseIdentity({ program: binaries.postgres, directory: paths.parent })
    await fill(making, binaries, identity)
    await rename(making, paths.root)
    await syncDirectory(paths.parent)
  } catch (error) {
    await rm(making, { recursive: true, force: true })
    if (isTaken(error)) return
    throw explained(paths.root, error)
  }
}

async function makeSibling({ parent, root }: ClusterPaths): Promise<string> {
  try {
    await mkdir(parent, { recursive: true })
    await removeAbandoned(parent)
    return await mkdtemp(`${root}.init-`)
  } catch (error) {
    throw explained(parent, error)
  }
}

async function removeAbandoned(parent: string): Promise<void> {
  const names = (await readdir(parent)).filter((name) => name.startsWith('postgres.init-'))
  for (const path of names.map((name) => join(parent, name))) {
    const made = await stat(path).catch(() => undefined)
    if (made && Date.now() - made.mtimeMs > abandonedAfterMs) await rm(path, { recursive: true, force: true })
  }
}

async function fill(root: string, binaries: Binaries, identity: Identity): Promise<void> {
  const { data, password } = pathsBelow(root)
  await writeDurably(password, randomBytes(24).toString('base64url'))
  await handOver([root, password], identity)
  const secrets = ['--auth=scram-sha-256', `--pwfile=${password}`]
  const settings = (await addressSettings()).map((setting) => `--set=${setting}`)
  const call = async (program: string, args: readonly string[], options: RunOptions) => {
    const { code, output } = await run(identity, program, args, { cwd: root, ...options })
    // The single-user server reports a failed statement but ends with 0.
    if (code !== 0 || /\b(ERROR|FATAL|PANIC):/.test(output)) throw failed(root, output)
  }
  await call(binaries.initdb, initdbArguments(data, [...secrets, '--no-instructions', ...settings]), {})
  await call(binaries.postgres, ['--single', '-D', data, 'template1'], { input: `CREATE DATABASE ${databaseName};\n` })
}

/**
 * A Unix socket, where there is one: no port to choose, nothing on the network. On Windows, which Node cannot reach by
 * a Unix socket, a loopback port that is free now.
 */
async function addressSettings(): Promise<string[]> {
  if (process.platform !== 'win32') return ['listen_addresses=', 'port=5432']
  return ['listen_addresses=127.0.0.1', `port=${await freePort()}`, 'unix_socket_directories=']
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no free port'))))
    })
  })
}

/** Lost with the power, the password would lock us out of a database that survived. */
async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncDirectory(path: string): Promise<void> {
  // Windows has no handle for a directory.
  if (process.platform === 'win32') return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** A directory is renamed over an empty one, not over a full one; Windows says EPERM. */
function isTaken(error: unknown): boolean {
  const code = codeOf(error)
  return error instanceof Error && 'syscall' in error && error.syscall === 'rename' && ['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(code ?? '')
}

function failed(root: string, output: string): Error {
  return saysDiskFull(output) ? new DiskFullError(root) : new ServerStartError(root, output.trim().slice(-500))
}

function explained(path: string, error: unknown): unknown {
  const code = codeOf(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') return new DiskFullError(path, { cause: error })
  if (code !== undefined && ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EBUSY'].includes(code)) {
    return new UnusableDirectoryError(path, `no database can be made there (${code})`, { cause: error })
  }
  return error
}
