import { spawn } from 'node:child_process'
import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder and the processes of one shop, which end together; see reaper.ts. */
export interface Reaping {
  /** DATA_DIR of the shop. */
  readonly folder: string
  began(pid: number): void
  ended(pid: number): void
  /** Ends the processes that are left, removes the folder, and waits for both. */
  reap(): Promise<void>
}

export async function startReaping(): Promise<Reaping> {
  const folder = await mkdtemp(join(tmpdir(), 'wxpay-e2e-'))
  await chmod(folder, 0o755) // under root PostgreSQL runs as somebody else, who has to pass
  const reaper = spawn(process.execPath, [join(import.meta.dirname, 'reaper.ts'), folder], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  })
  const gone = new Promise<void>((resolve) => reaper.once('exit', () => resolve()))
  return {
    folder,
    began: (pid) => void reaper.stdin.write(`+${pid}\n`),
    ended: (pid) => void reaper.stdin.write(`-${pid}\n`),
    async reap() {
      reaper.stdin.end()
      await gone
    },
  }
}
