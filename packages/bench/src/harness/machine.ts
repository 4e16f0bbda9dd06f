import { availableParallelism, cpus, loadavg } from 'node:os'

/** Where the figures come from: without it a figure says nothing. */
export interface Machine {
  cpu: string
  cores: number
  node: string
  platform: string
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  }
}

/** Over the last minute: how many processes wanted to run. */
export function loadNow(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100
}
