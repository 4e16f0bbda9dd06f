import { spawn } from 'node:child_process'
import { basicEnv, root } from './serverProcess.ts'

export interface CommandResult {
  code: number | null
  /** Both streams, as a person in a terminal sees them. */
  output: string
}

/** Runs a TypeScript file to its end, as an operator does from a shell. */
export function runCommand(file: string, args: readonly string[], env: Record<string, string>): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...args], {
      cwd: root,
      env: { ...basicEnv(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
      killSignal: 'SIGKILL',
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}
