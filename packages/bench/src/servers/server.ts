import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { nodeOn } from './cores.ts'
import { basicEnvironment } from './environment.ts'

const root = join(import.meta.dirname, '../../../..')

export interface ServerOptions {
  name: string
  /** From the root of the project. */
  main: string
  env: Record<string, string>
  /** Answers 200 when the server takes requests. */
  readyUrl: string
  logFile: string
  core: number | undefined
}

export interface Server {
  pid: number
  /** SIGTERM; resolves when it is gone. */
  stop(): Promise<void>
}

/** A first start makes a database cluster, on a machine that may be busy. */
const readyWithinMs = 60_000
/** Far longer than an orderly stop takes. */
const stopsWithinMs = 20_000

/** Starts one of our servers and waits until it takes requests. @throws {Error} with its last lines */
export async function startServer({ name, main, env, readyUrl, logFile, core }: ServerOptions): Promise<Server> {
  mkdirSync(dirname(logFile), { recursive: true })
  const log = openSync(logFile, 'a')
  const { command, args } = nodeOn(core)
  const child = spawn(command, [...args, main], { cwd: root, env: { ...basicEnvironment(), ...env }, stdio: ['ignore', log, log] })
  closeSync(log)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()))

  async function stop(): Promise<void> {
    child.kill('SIGTERM')
    const patience = new AbortController()
    const overdue = delay(stopsWithinMs, undefined, { signal: patience.signal }).then(
      () => child.kill('SIGKILL'),
      () => undefined,
    )
    await ended
    patience.abort()
    await overdue
  }

  const giveUpAt = performance.now() + readyWithinMs
  while (!(await answersOk(readyUrl))) {
    if (child.exitCode === null && child.signalCode === null && performance.now() < giveUpAt) {
      await delay(20)
      continue
    }
    await stop()
    const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n')
    throw new Error(`${name} did not become ready. Its last lines:\n${lines.slice(-20).join('\n')}`)
  }
  return { pid: child.pid ?? 0, stop }
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
