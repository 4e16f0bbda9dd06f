import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { root } from './paths.ts'

export interface RunOptions {
  cwd?: string
  env?: NodeJS.ProcessEnv
  /** `inherit`: straight to the terminal. `capture`: kept, for steps that run beside others. */
  output?: 'inherit' | 'capture'
  /** Ten minutes when not told otherwise: nothing here runs for ever. */
  timeoutMs?: number
  /** Ends the command when aborted. */
  signal?: AbortSignal | undefined
}

export interface RunResult {
  /** 128 + the signal's number when a signal ended it; 127 when it could not be started. */
  code: number
  /** Empty unless captured. */
  output: string
}

/** Runs a command to its end, with nothing on stdin. Never rejects: a command that cannot start, or that takes too long, says so in its output. */
export function run(command: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
  const { cwd = root, env = process.env, output = 'inherit', timeoutMs = 600_000, signal } = options
  return new Promise((resolve) => {
    const pipe = output === 'capture' ? 'pipe' : 'inherit'
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', pipe, pipe] })
    let text = ''
    const tell = (more: string): void => {
      if (output === 'capture') text += more
      else process.stderr.write(more)
    }
    child.stdout?.on('data', (chunk: Buffer) => tell(chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => tell(chunk.toString()))

    const end = (): void => endChild(child)
    const tooLate = setTimeout(() => {
      tell(`${command} took longer than ${timeoutMs / 1000} s\n`)
      end()
    }, timeoutMs)
    signal?.addEventListener('abort', end, { once: true })
    if (signal?.aborted) end()

    const settle = (code: number): void => {
      clearTimeout(tooLate)
      signal?.removeEventListener('abort', end)
      resolve({ code, output: text })
    }
    child.once('error', (error) => {
      tell(`${command}: ${error.message}\n`)
      settle(127)
    })
    child.once('close', (code, killedBy) => settle(exitCode(code, killedBy)))
  })
}

/** Runs a JavaScript or TypeScript file on the Node that runs us. */
export function runNode(file: string, args: string[], options?: RunOptions): Promise<RunResult> {
  return run(process.execPath, [file, ...args], options)
}

/** The way a shell tells how a process ended. */
export function exitCode(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal ? constants.signals[signal] : 0)
}

/** How long a process may take to end by itself before it is killed. */
const graceMs = 10_000

function endChild(child: ReturnType<typeof spawn>): void {
  child.kill('SIGTERM')
  const kill = setTimeout(() => child.kill('SIGKILL'), graceMs)
  child.once('close', () => clearTimeout(kill))
}
