import type { Cores } from './servers/cores.ts'
import type { Contender } from './harness/contender.ts'
import type { Plan } from './harness/compare.ts'

/** What is promised, in parts of the baseline's speed: at least `must`, where there is one. */
export interface Goal {
  must: number | null
  aim: number
}

export interface Benchmark {
  /** As it is typed, e.g. v2-sign. */
  name: string
  /** What is measured, e.g. "protocol/v2: sign MD5, 15 fields". */
  path: string
  plan: Plan
  /** Builds both sides, and starts the servers that they need, each on its core. */
  open(cores: Cores | null): Promise<Opened>
}

export interface Opened {
  ours: Contender
  baselines: readonly Baseline[]
  /** Has every side do its work once. @throws {Error} when they do not come to the same result */
  check(): Promise<void>
  /** What is to be said beside the ratios, when all is measured. */
  note?(): string
  close(): Promise<void>
}

export interface Baseline {
  /** e.g. "node:crypto with sort and join" */
  name: string
  goal: Goal
  side: Contender
}
