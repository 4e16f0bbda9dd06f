import type { Plan } from '../harness/compare.ts'

/** Microseconds of work, in this process: many short rounds, measured by the processor's time. */
export const inProcess: Plan = { rounds: 31, warmUps: 6, budgetMs: 10_000, clock: 'cpu' }
