import { setTimeout as delay } from 'node:timers/promises'
import { changeFaults } from './faults.ts'
import type { Random } from './random.ts'
import type { Stack } from './stack.ts'

/** What dies together. */
const targets = ['api', 'postmaster', 'postgres', 'mock', 'api+mock', 'api+postgres', 'postgres+mock', 'everything'] as const
export type Target = (typeof targets)[number]

export interface Sabotage {
  /** Times that something died, by what it was. */
  readonly kills: ReadonlyMap<Target, number>
  readonly faults: ReadonlySet<string>
  /** Kills that came before everything was up again after the one before. */
  readonly duringStart: () => number
  /** Goes on until the promise is settled; then everything is up, and no fault is left. */
  until(over: Promise<unknown>): Promise<void>
}

/** From the moment that everything is up to the next kill, at most. */
const longestPeaceMs = 3_000
const longestAbsenceMs = 1_500
/** A little of virtual time per kill: the ladder of notices goes on, and no code that is shown gets too old for WeChat. */
const longestLeapMs = 20_000

/** Kills at random moments, brings back after a random pause, and changes WeChat's moods. */
export function saboteur(stack: Stack, random: Random): Sabotage {
  const kills = new Map<Target, number>()
  const faults = new Set<string>()
  let duringStart = 0

  async function strike(): Promise<void> {
    const target = random.pick(targets)
    const died = await kill(target)
    if (died) kills.set(target, (kills.get(target) ?? 0) + 1)
  }

  /** Signals first, all at one moment; then waits for the ends. */
  async function kill(target: Target): Promise<boolean> {
    const { api, mock, postgres } = stack
    const hits = (name: string) => target.includes(name) || target === 'everything'
    const ends = [hits('api') && api.kill(), hits('mock') && mock.kill()]
    const database = target === 'postmaster' ? postgres.killPostmaster() : hits('postgres') && postgres.killAll()
    return [database, ...(await Promise.all(ends.filter((end) => end !== false)))].some(Boolean)
  }

  /** The API brings its database back; we are the supervisor of the rest. */
  async function revive(): Promise<void> {
    await delay(random.whole(longestAbsenceMs))
    stack.mock.start()
    stack.api.start()
  }

  async function peace(): Promise<void> {
    await stack.mock.ready()
    await stack.api.ready()
  }

  async function changeWeather(): Promise<void> {
    for (const fault of await changeFaults(stack.control, random, stack.protocol)) faults.add(fault)
    if (random.chance(0.5)) await stack.control.advance(random.whole(longestLeapMs))
  }

  return {
    kills,
    faults,
    duringStart: () => duringStart,
    async until(over) {
      const ended = new AbortController()
      const noted = over.finally(() => ended.abort())
      // A shopper that fails ends the run; it is told below.
      noted.catch(() => undefined)
      while (!ended.signal.aborted) {
        await delay(random.whole(longestPeaceMs))
        await strike()
        await revive()
        if (random.chance(0.2)) {
          duringStart += 1
          continue
        }
        await peace()
        await changeWeather()
      }
      await peace()
      await stack.control.clearFaults()
      await noted
    },
  }
}
