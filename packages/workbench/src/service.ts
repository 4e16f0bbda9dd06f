import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { root } from './paths.ts'
import { exitCode } from './run.ts'

export interface Service {
  name: string
  child: ChildProcess
  /** Resolves with the exit code, 127 when it could not be started; never rejects. */
  exited: Promise<number>
  /** Where its output goes; undefined when it goes to the terminal. */
  logFile: string | undefined
}

export interface ServiceOptions {
  name: string
  /** From the root of the project. */
  main: string
  env: NodeJS.ProcessEnv
  logFile?: string
}

const supervised = pathToFileURL(join(import.meta.dirname, 'supervised.ts')).href

/** Starts a server in our process group, with a channel that tells it when we are gone. */
export function startService({ name, main, env, logFile }: ServiceOptions): Service {
  const log = logFile === undefined ? 'inherit' : openLog(logFile)
  const child = spawn(process.execPath, ['--import', supervised, main], { cwd: root, env, stdio: ['ignore', log, log, 'ipc'] })
  if (typeof log === 'number') closeSync(log)
  const exited = new Promise<number>((resolve) => {
    child.once('exit', (code, signal) => resolve(exitCode(code, signal)))
    child.once('error', () => resolve(127))
  })
  return { name, child, exited, logFile }
}

/** Resolves when the address answers 200. @throws {Error} when the server ends before that, or takes longer than it may */
export async function whenReady(service: Service, url: string, deadlineMs: number): Promise<void> {
  const over = AbortSignal.timeout(deadlineMs)
  let ended: number | undefined
  void service.exited.then((code) => (ended = code))
  while (!(await answersOk(url))) {
    if (ended !== undefined) throw died(service, ended)
    if (over.aborted) throw new Error(`${service.name} did not become ready within ${deadlineMs / 1000} s (${url}).${lastLines(service)}`)
    await delay(50)
  }
  if (ended !== undefined) throw died(service, ended)
}

/** Asks again and again, for ever: a watched server comes when its sources are right. */
export async function waitForOk(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await answersOk(url))) await delay(100)
}

export function died(service: Service, code: number): Error {
  return new Error(`${service.name} has ended by itself (exit code ${code}).${lastLines(service)}`)
}

/** Asks the server to stop and waits; kills it when it takes longer than any drain should. @returns its exit code */
export async function stopService(service: Service, graceMs = 90_000): Promise<number> {
  service.child.kill('SIGTERM')
  const kill = setTimeout(() => {
    console.error(`${service.name} did not stop within ${graceMs / 1000} s: killed.`)
    service.child.kill('SIGKILL')
  }, graceMs)
  const code = await service.exited
  clearTimeout(kill)
  return code
}

async function answersOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) })
    await response.body?.cancel()
    return response.status === 200
  } catch {
    return false // not listening yet
  }
}

function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true })
  return openSync(file, 'w')
}

function lastLines({ logFile }: Service): string {
  if (logFile === undefined) return ''
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-20)
  return ` Its last lines (all of them: ${logFile}):\n\n${lines.map((line) => `    ${line}`).join('\n')}\n`
}
