import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { findBinaries } from '../storage/embedded/binaries.ts'
import { chooseIdentity, handOver } from '../storage/embedded/identity.ts'
import { initdbArguments } from '../storage/embedded/initdb.ts'

export interface ThrowAwayServer {
  readonly address: { host: string; port: number; user: string }
  readonly stop: () => Promise<void>
}

/** Nothing of it is kept, so nothing has to be durable. 200 connections: several test files at once, each with its pools. */
const settings = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  autovacuum: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_connections: '200',
  listen_addresses: '',
  port: '5432',
}

/**
 * Makes and runs the server, and waits on its standard input, a pipe that only the test runner holds. When the pipe
 * closes, because the run is over or the runner was killed with -9, it stops the server and removes every file. The
 * server keeps standard output open, though it writes to the log: the runner sees by its end that the server is gone.
 */
const guard = `
dir=$1 initdb=$2 postgres=$3; shift 3
"$initdb" "$@" >"$dir/log" 2>&1
"$postgres" -D "$dir/data" -k "$dir" 2>>"$dir/log" & server=$!
exec >/dev/null
read -r _
kill -INT $server; wait $server
cd / && rm -rf -- "$dir"
`

/** An empty cluster in the temp directory that ends with this process, however that ends. */
export async function startThrowAwayServer(): Promise<ThrowAwayServer> {
  const { initdb, postgres } = await findBinaries()
  const identity = await chooseIdentity({ program: postgres, directory: tmpdir() })
  const directory = await mkdtemp(join(tmpdir(), 'wxpay-test-pg-'))
  await handOver([directory], identity)

  const options = Object.entries(settings).map(([name, value]) => `--set=${name}=${value}`)
  const initdbArgs = initdbArguments(join(directory, 'data'), ['--auth=trust', '--no-sync', '--no-instructions', ...options])
  const [file = '/bin/sh', ...args] = [...identity.prefix, '/bin/sh', '-c', guard, 'sh', directory, initdb, postgres, ...initdbArgs]
  // Detached: Ctrl-C reaches the runner only, which then closes the pipe when it is through.
  const child = spawn(file, args, { cwd: directory, ...identity.user, detached: true, stdio: ['pipe', 'pipe', 'ignore'] })

  const stop = () => end(child)
  try {
    await ready(directory, child)
  } catch (error) {
    await stop()
    throw error
  }
  return { address: { host: directory, port: 5432, user: 'app' }, stop }
}

/** Line 8 of postmaster.pid is the server's state. A server that cannot start closes its output instead. */
async function ready(directory: string, child: ChildProcess): Promise<void> {
  const gone = new AbortController()
  child.on('error', () => gone.abort())
  child.stdout?.resume().on('end', () => gone.abort())
  while (!gone.signal.aborted) {
    const pidFile = await readFile(join(directory, 'data', 'postmaster.pid'), 'utf8').catch(() => '')
    if (pidFile.split('\n')[7]?.trim() === 'ready') return
    await delay(20)
  }
  const log = await readFile(join(directory, 'log'), 'utf8').catch(() => 'its guard could not be started')
  throw new Error(`the PostgreSQL of the tests did not start:\n${log}`)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.stdin?.end()
  await exited
}
