import { randomBytes } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { linkSync, readFileSync, renameSync, statSync, unlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { codeOf } from './errors.ts'

/**
 * Who is behind the number in a pid file. `gone`: nobody; PostgreSQL sees that itself, and then also makes sure that no
 * orphan of the dead server still uses the shared memory, so we leave the file to it. `stale`: a zombie, or a process
 * that got the number later; PostgreSQL, which only asks whether the number is in use, would take it for its server and
 * wait for ever. Needed under a PID 1 that does not reap (a container) and after a reboot.
 */
export type Holder = 'server' | 'gone' | 'stale'

/** An empty pid file is written within microseconds; after this long nobody is going to. */
const emptyForMs = 10_000

/**
 * Removes a pid file or socket lock file, when it is there and stale.
 *
 * @param dataDirectory - the working directory of our server, by which it is told from others
 * @returns whether it was removed
 */
export function removeIfStale(file: string, dataDirectory: string): boolean {
  const content = contentOf(file)
  if (content === undefined || !isStale(file, content, dataDirectory)) return false
  return removeIfUnchanged(file, content)
}

function isStale(file: string, content: string, dataDirectory: string): boolean {
  if (content === '') return Date.now() - statSync(file).mtimeMs > emptyForMs
  // A single-user server writes its number negative.
  const pid = Math.abs(Number.parseInt(content, 10))
  return holderOf(pid, dataDirectory) === 'stale'
}

export function holderOf(pid: number, dataDirectory: string): Holder {
  return process.platform === 'linux' ? holderByProc(pid, dataDirectory) : holderByPs(pid)
}

function holderByProc(pid: number, dataDirectory: string): Holder {
  // "pid (name) S …": the name may hold spaces and brackets, the state follows the last bracket.
  const state = contentOf(`/proc/${pid}/stat`)?.split(') ').at(-1)?.charAt(0)
  if (state === undefined) return 'gone'
  if (state === 'Z' || state === 'X') return 'stale'
  return worksIn(pid, dataDirectory) ? 'server' : 'stale'
}

/** Compared by device and inode, so that a symbolic link on the way does not matter. */
function worksIn(pid: number, directory: string): boolean {
  const ours = statSync(directory)
  try {
    const theirs = statSync(`/proc/${pid}/cwd`)
    return theirs.dev === ours.dev && theirs.ino === ours.ino
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    // Root without CAP_SYS_PTRACE (a container) may not follow another user's link; the command line is open to all.
    const [program = '', ...args] = (contentOf(`/proc/${pid}/cmdline`) ?? '').split('\0')
    return basename(program) === 'postgres' && args.includes(directory)
  }
}

/** Without /proc (macOS) the name of the program must do. Windows has no ps, and no zombies. */
function holderByPs(pid: number): Holder {
  try {
    const [state = '', ...command] = execFileSync('ps', ['-o', 'stat=,comm=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/)
    return state.startsWith('Z') || basename(command.join(' ')) !== 'postgres' ? 'stale' : 'server'
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? 'server' : 'gone'
  }
}

/**
 * Between our judgement and our act another process may have removed the file and started a server, whose file this
 * then is. So it is moved aside, looked at, and put back if it is another one.
 */
function removeIfUnchanged(file: string, judged: string): boolean {
  const aside = `${file}.${randomBytes(4).toString('hex')}`
  try {
    renameSync(file, aside)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
  const unchanged = contentOf(aside) === judged
  if (!unchanged) putBack(aside, file)
  unlinkSync(aside)
  return unchanged
}

function putBack(aside: string, file: string): void {
  try {
    linkSync(aside, file)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    // ESRCH: the process ended while its entry in /proc was read.
    if (['ENOENT', 'ESRCH'].includes(codeOf(error) ?? '')) return undefined
    throw error
  }
}

/** Where a running server listens. It may have been started by a process with another temp directory than ours. */
export interface Address {
  /** The directory of the Unix socket, or an IP address. */
  readonly host: string
  readonly port: number
}

/**
 * Lines 4 to 6 of the pid file: port, socket directory, listen address.
 *
 * @see https://www.postgresql.org/docs/18/storage-file-layout.html (postmaster.pid)
 * @throws when there is no file, or the server has not got so far yet
 */
export async function readAddress(pidFile: string): Promise<Address> {
  const [, , , port = '', socketDirectory = '', listenAddress = ''] = (await readFile(pidFile, 'utf8')).split('\n')
  const host = socketDirectory || listenAddress
  if (!host || !/^\d+$/.test(port)) throw new Error(`the server has not written its address to ${pidFile} yet`)
  return { host, port: Number(port) }
}
