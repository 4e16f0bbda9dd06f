import type { Plan } from '../harness/compare.ts'

/** Microseconds of work, in this process: many short rounds, measured by the processor's time. */
export const inProcess: Plan = { rounds: 101, warmUps: 15, budgetMs: 15_000, clock: 'cpu' }
