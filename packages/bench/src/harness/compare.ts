import type { Contender } from './contender.ts'
import { median, quantile } from './statistics.ts'

export interface Plan {
  /** Rounds that count; each side runs once in each. */
  rounds: number
  /** Rounds before, for the just-in-time compiler, pools and caches. */
  warmUps: number
  /** Pieces of work in each run of a round; found out where it is left out. */
  count?: number
  /** No new round begins after this; three are run anyway. */
  budgetMs: number
  /** `cpu`: the processor's time of this process, all its threads: what it waits for a busy machine is not counted. */
  clock: 'wall' | 'cpu'
}

/** Both in ms, both only ever rise. */
export type Clocks = Record<Plan['clock'], () => number>

const clocks: Clocks = {
  wall: () => performance.now(),
  cpu() {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  },
}

export interface Comparison {
  /** How fast ours is, in parts of the baseline's speed: median over the rounds, 1 is equal, more is faster. */
  ratio: number
  /** The middle half of the rounds. */
  from: number
  to: number
  rounds: number
  /** The same by the processor's time of the processes that do the work: waiting for disks and for a busy machine is not in it. */
  cpuRatio: number | null
  /** Pieces of work per second of the plan's clock, median over the rounds. */
  oursPerSecond: number
  baselinePerSecond: number
}

/** Fewer would not have a median to speak of. */
const fewestRounds = 3

/**
 * Lets both sides run in turn. What slows the machine for a while slows both; who goes first changes with every round.
 */
export async function compare(
  { ours, baseline }: { ours: Contender; baseline: Contender },
  { rounds, warmUps, count: given, budgetMs, clock }: Plan,
  { wall, [clock]: nowMs }: Clocks = clocks,
): Promise<Comparison> {
  const beganAt = wall()
  const count = given ?? (await calibrate(baseline, nowMs))
  const time = (side: Contender) => timeOf(side, count, nowMs)
  for (let round = 0; round < warmUps; round += 1) {
    await time(baseline)
    await time(ours)
  }
  const measured: { ours: Spent; baseline: Spent }[] = []
  while (measured.length < rounds && (measured.length < fewestRounds || wall() - beganAt < budgetMs)) {
    if (measured.length % 2 === 0) {
      const first = await time(baseline)
      measured.push({ baseline: first, ours: await time(ours) })
    } else {
      const first = await time(ours)
      measured.push({ ours: first, baseline: await time(baseline) })
    }
  }
  const ratios = measured.map((round) => round.baseline.ms / round.ours.ms)
  const perSecond = (ms: number) => (count * 1000) / ms
  return {
    ratio: median(ratios),
    from: quantile(ratios, 0.25),
    to: quantile(ratios, 0.75),
    rounds: measured.length,
    cpuRatio: ours.cpuMs && baseline.cpuMs ? median(measured.map((round) => round.baseline.cpuMs / round.ours.cpuMs)) : null,
    oursPerSecond: perSecond(median(measured.map((round) => round.ours.ms))),
    baselinePerSecond: perSecond(median(measured.map((round) => round.baseline.ms))),
  }
}

interface Spent {
  ms: number
  /** 0 where nobody tells. */
  cpuMs: number
}

async function timeOf(side: Contender, count: number, nowMs: () => number): Promise<Spent> {
  await side.prepare?.(count)
  const cpuBefore = side.cpuMs?.() ?? 0
  const beganAt = nowMs()
  await side.run(count)
  return { ms: nowMs() - beganAt, cpuMs: (side.cpuMs?.() ?? 0) - cpuBefore }
}

/** Long beside the clock's resolution and a garbage collection, short beside what else happens on a machine. */
const roundMs = 20

/** How often fits into a round. Doubling also warms the code up. */
async function calibrate(side: Contender, nowMs: () => number): Promise<number> {
  for (let count = 8; ; count *= 2) {
    const { ms } = await timeOf(side, count, nowMs)
    if (ms >= roundMs / 2) return Math.max(1, Math.round((count * roundMs) / ms))
  }
}
