import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** One core for what is measured, another for who asks, so that neither takes the other's time. */
export interface Cores {
  server: number
  load: number
}

/** @returns null where processes cannot be held on a core (taskset is Linux's), or where there is only one */
export function findCores(): Cores | null {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/taskset')) return null
  const [server, load] = parseCoreList(/^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '')
  return server === undefined || load === undefined ? null : { server, load }
}

/** @param list - as the kernel writes it, e.g. "0-3,8" */
export function parseCoreList(list: string): number[] {
  return [...list.matchAll(/(\d+)(?:-(\d+))?/g)].flatMap(([, first = '', last = first]) =>
    Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => Number(first) + index),
  )
}

/** The command that runs Node on one core; Node itself where there is no core to hold it on. */
export function nodeOn(core: number | undefined): { command: string; args: string[] } {
  return core === undefined
    ? { command: process.execPath, args: [] }
    : { command: '/usr/bin/taskset', args: ['--cpu-list', String(core), process.execPath] }
}

/** Holds this process, with all its threads and what it starts from now on, on some cores. */
export function holdOn(cores: readonly number[]): void {
  execFileSync('/usr/bin/taskset', ['--all-tasks', '--cpu-list', '--pid', cores.join(','), String(process.pid)], { stdio: 'ignore' })
}
