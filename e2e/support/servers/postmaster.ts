import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The PostgreSQL server that the API runs under its DATA_DIR. */
export interface Postmaster {
  pid: number
  /** Where its socket lies. */
  runDirectory: string
}

/** @returns undefined when none runs there; a file that a dead one left behind is not taken for it */
export function findPostmaster(dataDir: string): Postmaster | undefined {
  const data = join(dataDir, 'postgres', 'data')
  try {
    // https://www.postgresql.org/docs/18/storage-file-layout.html: pid, data directory, start, port, socket directory, …
    const [pidLine = '', , , , runDirectory = ''] = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
    const pid = Number.parseInt(pidLine, 10)
    return commandOf(pid).includes(data) ? { pid, runDirectory } : undefined
  } catch {
    return undefined // no file, or no such process
  }
}

/** @throws {Error} when there is no such process */
function commandOf(pid: number): string {
  if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
}
