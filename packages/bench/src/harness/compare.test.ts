import { describe, expect, it } from 'vitest'
import { compare } from './compare.ts'
import type { Contender } from './contender.ts'

/** Contenders that take the time they are told, on a clock of their own. */
function track() {
  let nowMs = 0
  let cpuMs = 0
  const runs: string[] = []
  const takes = (name: string, msEach: (round: number) => number): Contender => {
    let round = 0
    return {
      async run(count) {
        runs.push(name)
        const ms = msEach(round++) * count
        nowMs += ms
        cpuMs += ms
      },
    }
  }
  return { takes, runs, clocks: { wall: () => nowMs, cpu: () => cpuMs }, wait: (ms: number) => (nowMs += ms) }
}

const plan = { rounds: 4, warmUps: 0, count: 10, budgetMs: Infinity, clock: 'wall' as const }

describe('a comparison', () => {
  it('says 0.5 for one that takes twice as long as the baseline', async () => {
    const { takes, clocks } = track()
    const result = await compare({ ours: takes('ours', () => 2), baseline: takes('baseline', () => 1) }, plan, clocks)
    expect(result).toEqual({ ratio: 0.5, from: 0.5, to: 0.5, rounds: 4, cpuRatio: null, oursPerSecond: 500, baselinePerSecond: 1000 })
  })

  it('lets the sides run in turn, and changes who goes first', async () => {
    const { takes, runs, clocks } = track()
    await compare({ ours: takes('ours', () => 1), baseline: takes('baseline', () => 1) }, plan, clocks)
    expect(runs).toEqual(['baseline', 'ours', 'ours', 'baseline', 'baseline', 'ours', 'ours', 'baseline'])
  })

  it('is not moved by a round in which the machine did something else', async () => {
    const { takes, clocks } = track()
    const ours = takes('ours', (round) => (round === 1 ? 100 : 1))
    const { ratio } = await compare({ ours, baseline: takes('baseline', () => 1) }, { ...plan, rounds: 5 }, clocks)
    expect(ratio).toBe(1)
  })

  it('does not count the rounds that warm up', async () => {
    const { takes, clocks } = track()
    const ours = takes('ours', (round) => (round < 3 ? 50 : 1))
    const result = await compare({ ours, baseline: takes('baseline', () => 1) }, { ...plan, warmUps: 3 }, clocks)
    expect(result).toMatchObject({ ratio: 1, from: 1, to: 1, rounds: 4 })
  })

  it('does not measure what a round has to prepare', async () => {
    const { takes, clocks, wait } = track()
    const ours = { ...takes('ours', () => 1), prepare: async (count: number) => void wait(count * 1000) }
    const { ratio } = await compare({ ours, baseline: takes('baseline', () => 1) }, plan, clocks)
    expect(ratio).toBe(1)
  })

  it('by the processor does not count what one waits for', async () => {
    const { takes, clocks, wait } = track()
    const working = takes('ours', () => 2)
    const ours: Contender = {
      run: async (count) => {
        wait(1000) // another process has the core
        await working.run(count)
      },
    }
    const sides = { ours, baseline: takes('baseline', () => 1) }
    expect(await compare(sides, { ...plan, clock: 'cpu' }, clocks)).toMatchObject({ ratio: 0.5 })
    expect((await compare(sides, plan, clocks)).ratio).toBeLessThan(0.02)
  })

  it('tells beside it what the processes that do the work took of the processor', async () => {
    const { takes, clocks } = track()
    const using = (side: Contender, msEach: number): Contender => {
      let used = 0
      return { run: async (count) => side.run(count).then(() => void (used += msEach * count)), cpuMs: () => used }
    }
    const sides = {
      ours: using(
        takes('ours', () => 10),
        4,
      ),
      baseline: using(
        takes('baseline', () => 10),
        1,
      ),
    }
    expect(await compare(sides, plan, clocks)).toMatchObject({ ratio: 1, cpuRatio: 0.25 })
  })

  it('ends when its time is over, but not before three rounds', async () => {
    const { takes, clocks } = track()
    const sides = () => ({ ours: takes('ours', () => 1), baseline: takes('baseline', () => 1) })
    expect(await compare(sides(), { ...plan, rounds: 1000, budgetMs: 100 }, clocks)).toMatchObject({ rounds: 5 })
    expect(await compare(sides(), { ...plan, rounds: 1000, budgetMs: 0 }, clocks)).toMatchObject({ rounds: 3 })
  })

  it('finds out by itself how often a short piece of work fits into a round', async () => {
    const { takes, clocks } = track()
    const counts: number[] = []
    const baseline = takes('baseline', () => 0.01)
    const counting: Contender = {
      run: async (count) => {
        counts.push(count)
        await baseline.run(count)
      },
    }
    const { rounds, warmUps, budgetMs, clock } = plan
    await compare({ ours: takes('ours', () => 0.01), baseline: counting }, { rounds, warmUps, budgetMs, clock }, clocks)
    expect(counts.slice(-4)).toEqual([2000, 2000, 2000, 2000])
  })
})
