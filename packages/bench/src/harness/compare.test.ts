import { describe, expect, it } from 'vitest'
import { compare } from './compare.ts'
import type { Contender } from './contender.ts'

/** Contenders that take the time they are told, on a clock of their own. */
function track() {
  let nowMs = 0
  const runs: string[] = []
  const takes = (name: string, msEach: (round: number) => number): Contender => {
    let round = 0
    return {
      async run(count) {
        runs.push(name)
        nowMs += msEach(round++) * count
      },
    }
  }
  return { takes, runs, clock: () => nowMs, wait: (ms: number) => (nowMs += ms) }
}

const plan = { rounds: 4, warmUps: 0, count: 10, budgetMs: Infinity }

describe('a comparison', () => {
  it('says 0.5 for one that takes twice as long as the baseline', async () => {
    const { takes, clock } = track()
    const result = await compare({ ours: takes('ours', () => 2), baseline: takes('baseline', () => 1) }, plan, clock)
    expect(result).toEqual({ ratio: 0.5, from: 0.5, to: 0.5, rounds: 4, oursPerSecond: 500, baselinePerSecond: 1000 })
  })

  it('lets the sides run in turn, and changes who goes first', async () => {
    const { takes, runs, clock } = track()
    await compare({ ours: takes('ours', () => 1), baseline: takes('baseline', () => 1) }, plan, clock)
    expect(runs).toEqual(['baseline', 'ours', 'ours', 'baseline', 'baseline', 'ours', 'ours', 'baseline'])
  })

  it('is not moved by a round in which the machine did something else', async () => {
    const { takes, clock } = track()
    const ours = takes('ours', (round) => (round === 1 ? 100 : 1))
    const { ratio } = await compare({ ours, baseline: takes('baseline', () => 1) }, { ...plan, rounds: 5 }, clock)
    expect(ratio).toBe(1)
  })

  it('does not count the rounds that warm up', async () => {
    const { takes, clock } = track()
    const ours = takes('ours', (round) => (round < 3 ? 50 : 1))
    const result = await compare({ ours, baseline: takes('baseline', () => 1) }, { ...plan, warmUps: 3 }, clock)
    expect(result).toMatchObject({ ratio: 1, from: 1, to: 1, rounds: 4 })
  })

  it('does not measure what a round has to prepare', async () => {
    const { takes, clock, wait } = track()
    const ours = { ...takes('ours', () => 1), prepare: async (count: number) => void wait(count * 1000) }
    const { ratio } = await compare({ ours, baseline: takes('baseline', () => 1) }, plan, clock)
    expect(ratio).toBe(1)
  })

  it('ends when its time is over, but not before three rounds', async () => {
    const { takes, clock } = track()
    const sides = () => ({ ours: takes('ours', () => 1), baseline: takes('baseline', () => 1) })
    expect(await compare(sides(), { ...plan, rounds: 1000, budgetMs: 100 }, clock)).toMatchObject({ rounds: 5 })
    expect(await compare(sides(), { ...plan, rounds: 1000, budgetMs: 0 }, clock)).toMatchObject({ rounds: 3 })
  })

  it('finds out by itself how often a short piece of work fits into a round', async () => {
    const { takes, clock } = track()
    const counts: number[] = []
    const baseline = takes('baseline', () => 0.01)
    const counting: Contender = {
      run: async (count) => {
        counts.push(count)
        await baseline.run(count)
      },
    }
    const { rounds, warmUps, budgetMs } = plan
    await compare({ ours: takes('ours', () => 0.01), baseline: counting }, { rounds, warmUps, budgetMs }, clock)
    expect(counts.slice(-4)).toEqual([5000, 5000, 5000, 5000])
  })
})
