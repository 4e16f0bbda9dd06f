import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'

/** The processes and the content of the database server that the API keeps under DATA_DIR. */
export interface EmbeddedServer {
  /** kill -9 of the postmaster alone: its children notice later. @returns false when there is none */
  killPostmaster(): boolean
  /** kill -9 of all of its processes. */
  killAll(): boolean
  /** Runs queries on a connection that cannot write. */
  read<T>(work: (client: pg.Client) => Promise<T>): Promise<T>
}

export function embeddedServer(dataDir: string): EmbeddedServer {
  const root = join(dataDir, 'postgres')
  const data = join(root, 'data')
  const pidFile = join(data, 'postmaster.pid')

  /** A pid file may outlive its process, and its number may be somebody else's by now. */
  function postmaster(): number | undefined {
    if (!existsSync(pidFile)) return undefined
    const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10)
    return processes().find((process) => process.pid === pid && process.command.includes(data))?.pid
  }

  return {
    killPostmaster() {
      const pid = postmaster()
      return pid !== undefined && kill(pid)
    },
    killAll() {
      const pid = postmaster()
      if (pid === undefined) return false
      const children = processes().filter(({ parent }) => parent === pid)
      const killed = kill(pid)
      for (const child of children) kill(child.pid)
      return killed
    },
    async read(work) {
      const [, , , port = '', socketDirectory = '', address = ''] = readFileSync(pidFile, 'utf8').split('\n')
      const client = new pg.Client({
        host: socketDirectory || address,
        port: Number(port),
        user: 'app',
        password: readFileSync(join(root, 'password'), 'utf8'),
        database: 'wxpay',
        options: '-c default_transaction_read_only=on',
      })
      await client.connect()
      try {
        return await work(client)
      } finally {
        await client.end()
      }
    },
  }
}

interface Process {
  pid: number
  parent: number
  command: string
}

function processes(): Process[] {
  const lines = execFileSync('ps', ['-axo', 'pid=,ppid=,args='], { encoding: 'utf8', maxBuffer: 2 ** 26 }).split('\n')
  return lines.flatMap((line) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    return pid && parent && command ? { pid: Number(pid), parent: Number(parent), command } : []
  })
}

function kill(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL')
    return true
  } catch {
    return false // it ended by itself a moment ago
  }
}
