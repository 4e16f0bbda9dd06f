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
  const measured: { oursMs: number; baselineMs: number }[] = []
  while (measured.length < rounds && (measured.length < fewestRounds || wall() - beganAt < budgetMs)) {
    if (measured.length % 2 === 0) {
      const baselineMs = await time(baseline)
      measured.push({ baselineMs, oursMs: await time(ours) })
    } else {
      const oursMs = await time(ours)
      measured.push({ oursMs, baselineMs: await time(baseline) })
    }
  }
  const ratios = measured.map(({ oursMs, baselineMs }) => baselineMs / oursMs)
  const perSecond = (ms: number) => (count * 1000) / ms
  return {
    ratio: median(ratios),
    from: quantile(ratios, 0.25),
    to: quantile(ratios, 0.75),
    rounds: measured.length,
    oursPerSecond: perSecond(median(measured.map(({ oursMs }) => oursMs))),
    baselinePerSecond: perSecond(median(measured.map(({ baselineMs }) => baselineMs))),
  }
}

async function timeOf(side: Contender, count: number, nowMs: () => number): Promise<number> {
  await side.prepare?.(count)
  const beganAt = nowMs()
  await side.run(count)
  return nowMs() - beganAt
}

/** Long beside the clock's resolution and a garbage collection, short beside what else happens on a machine. */
const roundMs = 20

/** How often fits into a round. Doubling also warms the code up. */
async function calibrate(side: Contender, nowMs: () => number): Promise<number> {
  for (let count = 8; ; count *= 2) {
    const ms = await timeOf(side, count, nowMs)
    if (ms >= roundMs / 2) return Math.max(1, Math.round((count * roundMs) / ms))
  }
}
