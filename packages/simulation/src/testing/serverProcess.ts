import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const root = join(import.meta.dirname, '../../../..')

export interface ServerOptions {
  name: string
  /** From the root of the project. */
  main: string
  env: Record<string, string | undefined>
  /** Answers 200 when the server takes requests. */
  readyUrl: string
  /** Everything that all lives of the server say. */
  logFile: string
}

/** A server that may die and live again. */
export interface ServerProcess {
  readonly name: string
  /** Starts it when it is dead; does not wait. */
  start(): void
  /** Waits until it takes requests; starts it again when it ended by itself on the way, as a supervisor does. */
  ready(): Promise<void>
  /** kill -9; resolves when it is gone. @returns false when it was dead already */
  kill(): Promise<boolean>
  /** SIGTERM; resolves with the exit code, 0 when it was dead already. */
  stop(): Promise<number | null>
  /** Ends that nobody here asked for. */
  readonly ownEnds: { beforeReady: number; afterReady: number }
}

interface Life {
  child: ChildProcess
  ended: Promise<number | null>
  isOver: boolean
  wasReady: boolean
  wanted: boolean
}

/** A supervisor's patience with a start that fails every time. */
const failuresAllowed = 20

/** A start may have to recover a database on a machine that is busy with other things. */
const readyWithinMs = 180_000

export function serverProcess({ name, main, env, readyUrl, logFile }: ServerOptions): ServerProcess {
  const ownEnds = { beforeReady: 0, afterReady: 0 }
  let life: Life | undefined
  mkdirSync(dirname(logFile), { recursive: true })

  function start(): void {
    if (life && !life.isOver) return
    const log = openSync(logFile, 'a')
    const child = spawn(process.execPath, [main], { cwd: root, env, stdio: ['ignore', log, log] })
    closeSync(log)
    const born: Life = { child, ended: endOf(child), isOver: false, wasReady: false, wanted: false }
    life = born
    void born.ended.then(() => {
      born.isOver = true
      if (!born.wanted) ownEnds[born.wasReady ? 'afterReady' : 'beforeReady'] += 1
    })
  }

  async function ready(): Promise<void> {
    const giveUpAt = performance.now() + readyWithinMs
    const failuresBefore = ownEnds.beforeReady
    while (!(await answersOk(readyUrl)) || life?.isOver !== false) {
      const failures = ownEnds.beforeReady - failuresBefore
      if (performance.now() > giveUpAt || failures >= failuresAllowed)
        throw new Error(`${name} did not become ready. Its last lines:\n${lastLines(logFile)}`)
      await delay(100)
      start()
    }
    life.wasReady = true
  }

  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<{ code: number | null; wasAlive: boolean }> {
    if (!life || life.isOver) return { code: 0, wasAlive: false }
    life.wanted = true
    life.child.kill(signal)
    return { code: await life.ended, wasAlive: true }
  }

  return {
    name,
    start,
    ready,
    ownEnds,
    kill: async () => (await end('SIGKILL')).wasAlive,
    stop: async () => (await end('SIGTERM')).code,
  }
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('exit', resolve)
    child.once('error', () => resolve(null))
  })
}

async function answersOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) })
    await response.body?.cancel()
    return response.status === 200
  } catch {
    return false // dead, or not listening yet
  }
}

function lastLines(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-20).join('\n')
}
