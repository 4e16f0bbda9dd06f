import { spawn } from 'node:child_process'

/** Who runs PostgreSQL's programs, which refuse to run as root. */
export interface Identity {
  /** Put before each command: nothing, or `unshare …`. */
  readonly prefix: readonly string[]
  /** The user to change to; only root can, and only root needs to. */
  readonly user?: { readonly uid: number; readonly gid: number }
}

export const ourselves: Identity = { prefix: [] }

export interface RunResult {
  /** Exit code; null when a signal ended the program. */
  readonly code: number | null
  /** Standard output and standard error as they came. */
  readonly output: string
}

export interface RunOptions {
  /** Must be readable by `identity`: PostgreSQL's programs complain about a working directory that they cannot enter. */
  readonly cwd?: string
  readonly input?: string
}

/**
 * Runs a program to its end, as somebody. Node drops root's supplementary groups when it changes the user.
 *
 * @throws when the program cannot be started at all (ENOENT, EACCES)
 */
export function run(
  identity: Identity,
  program: string,
  args: readonly string[],
  { cwd = '/', input = '' }: RunOptions = {},
): Promise<RunResult> {
  const [file = program, ...rest] = [...identity.prefix, program, ...args]
  return new Promise((resolve, reject) => {
    const child = spawn(file, rest, { cwd, ...identity.user, windowsHide: true })
    let output = ''
    const collect = (text: string) => (output += text)
    child.stdout.setEncoding('utf8').on('data', collect)
    child.stderr.setEncoding('utf8').on('data', collect)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
    // A program that ends without reading its input is judged by its exit code.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}
