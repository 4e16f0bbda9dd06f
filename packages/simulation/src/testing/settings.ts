import { randomInt } from 'node:crypto'
import type { Protocol } from './protocol.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What a counted run is told. SEED repeats a run's choices; how processes and requests interleave is never the same twice. */
export interface RunSettings {
  readonly seed: number
  /** Payments in killRuns. */
  readonly payments: number
  /** The seed's choice for a run that has one protocol, and the other one for the run after it. */
  readonly protocols: readonly [Protocol, Protocol]
  /** Forged notices in each noticeFlood. */
  readonly forgeries: number
  /** What the servers under test inherit: PATH and the like. */
  readonly env: Environment
}

export function readSettings(env: Environment): RunSettings {
  const seed = whole(env, 'SEED', randomInt(2 ** 31))
  return {
    seed,
    protocols: seed % 2 === 0 ? ['v3', 'v2'] : ['v2', 'v3'],
    payments: whole(env, 'RUNS', 50),
    forgeries: whole(env, 'FORGERIES', 10_000),
    env,
  }
}

function whole(env: Environment, name: string, standard: number): number {
  const text = env[name] || String(standard)
  if (!/^\d{1,10}$/.test(text)) throw new Error(`${name} must be a whole number, for example ${name}=${standard}`)
  return Number(text)
}
