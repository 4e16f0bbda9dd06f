/**
 * Ends what a test run started, however the run itself ends: `node reaper.ts FOLDER`, with the numbers of the processes on stdin, "+123" when one
 * begins and "-123" when it has ended. When stdin closes (the end of the tests, a kill -9 of the runner) it ends them, PostgreSQL too, and removes the folder.
 */
import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { findPostmaster } from './postmaster.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('usage: node reaper.ts FOLDER')

const pids = new Set<number>()
// Ctrl-C reaches the whole group; stdin tells when it is time.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
for await (const line of createInterface({ input: process.stdin })) {
  const pid = Math.abs(Number(line))
  if (line.startsWith('+')) pids.add(pid)
  else pids.delete(pid)
}

for (const pid of pids) kill(pid, 'SIGKILL')
await endPostgres(folder)
await rm(folder, { recursive: true, force: true, maxRetries: 5 })

/** At once, but in order: its helpers end, too, and it gives its shared memory back. */
async function endPostgres(dataDir: string): Promise<void> {
  const postmaster = findPostmaster(dataDir)
  if (!postmaster) return
  kill(postmaster.pid, 'SIGQUIT')
  for (let waited = 0; waited < 200 && findPostmaster(dataDir)?.pid === postmaster.pid; waited += 1) await delay(25)
  kill(postmaster.pid, 'SIGKILL')
  if (basename(postmaster.runDirectory).startsWith('wxpay-pg-')) await rm(postmaster.runDirectory, { recursive: true, force: true })
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended already.
  }
}
