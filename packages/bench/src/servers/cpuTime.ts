import { readdirSync, readFileSync } from 'node:fs'

/** proc(5): times are in clock ticks, of which Linux has shown 100 per second to programs on every architecture for decades. */
const tickMs = 10

/** The processor's time that processes have taken so far, in ms; with what their ended children took. 0 for one that is gone. */
export function cpuMsOf(pids: readonly number[]): number {
  return pids.reduce((total, pid) => total + (readStat(pid)?.cpuMs ?? 0), 0)
}

/** A process and the children that it has now: PostgreSQL has one for each connection. */
export function withChildren(pid: number): number[] {
  const others = readdirSync('/proc').map(Number).filter(Number.isInteger)
  return [pid, ...others.filter((other) => readStat(other)?.parent === pid)]
}

function readStat(pid: number): { parent: number; cpuMs: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name of the program, in brackets, may hold anything; the state follows it.
    const [, parent = 0, ...rest] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    // utime, stime, cutime, cstime: fields 14 to 17, where ppid is field 4.
    const ticks = rest.slice(9, 13).reduce((sum, value) => sum + value, 0)
    return { parent, cpuMs: ticks * tickMs }
  } catch {
    return undefined
  }
}

/** The most memory that a process has had, in MB; null where the system does not tell. */
export function peakMemoryMb(pid: number): number | null {
  try {
    const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024)
  } catch {
    return null
  }
}
