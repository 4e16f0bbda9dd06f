import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Reaping } from './reaping.ts'

export const root = join(import.meta.dirname, '../../..')

/** A first start makes a database cluster, on a machine that may be busy. */
const readyWithinMs = 60_000

export interface ServerOptions {
  name: string
  /** From the root of the project. */
  main: string
  env: Record<string, string>
  /** The line of its output that says that it takes requests. */
  isReady(line: string): boolean
  reaping: Reaping
}

/** One of our servers: can be killed at any moment, and started again with the same settings. */
export interface Server {
  /** Resolves when it takes requests. @param changed - settings of this life only. @throws {Error} with its last lines when it ends before */
  start(changed?: Readonly<Record<string, string>>): Promise<void>
  /** kill -9: it has no chance to say goodbye. Resolves when it is gone. */
  kill(): Promise<void>
  isRunning(): boolean
  /** Everything it has said so far, over all its lives. */
  readonly lines: readonly string[]
}

export function createServer({ name, main, env, isReady, reaping }: ServerOptions): Server {
  const lines: string[] = []
  let running: { child: ChildProcess; gone: Promise<void> } | undefined

  function spawnIt(changed: Readonly<Record<string, string>>): Promise<void> {
    const options = { cwd: root, env: { ...basicEnv(), ...env, ...changed } }
    const child = spawn(process.execPath, [main], { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    if (child.pid !== undefined) reaping.began(child.pid)
    const { promise: ready, resolve, reject } = Promise.withResolvers<undefined>()
    const onLine = (line: string) => {
      lines.push(line)
      if (isReady(line)) resolve(undefined)
    }
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine)
    const gone = new Promise<void>((settle) => {
      child.once('close', (code, signal) => {
        if (child.pid !== undefined) reaping.ended(child.pid)
        if (running?.child === child) running = undefined
        reject(new Error(`${name} ended (${signal ?? code}) before it was ready:\n${lines.slice(-20).join('\n')}`))
        settle()
      })
    })
    running = { child, gone }
    return ready
  }

  return {
    lines,
    isRunning: () => running !== undefined,
    async start(changed = {}) {
      if (running) throw new Error(`${name} is running already`)
      const overdue = Promise.withResolvers<never>()
      const timer = setTimeout(() => overdue.reject(new Error(`${name} is not ready:\n${lines.slice(-20).join('\n')}`)), readyWithinMs)
      await Promise.race([spawnIt(changed), overdue.promise]).finally(() => clearTimeout(timer))
    },
    async kill() {
      if (!running) throw new Error(`${name} is not running`)
      const { child, gone } = running
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** What any program needs; nothing of ours, so that settings of the person who runs the tests do not leak in. */
export function basicEnv(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'NODE_COMPILE_CACHE']
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
}
