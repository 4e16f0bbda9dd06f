import { sql, type RawBuilder } from 'kysely'
import type { Database } from './database.ts'

/** The time that budgets go by: the database's own, because the processes' clocks differ. Tests put theirs. */
export type DatabaseNow = () => RawBuilder<Date>

export const databaseNow: DatabaseNow = () => sql<Date>`clock_timestamp()`

/** WeChat asked for fewer calls: nobody gets a new place before the pause is over. */
export async function pauseCalls(db: Database, name: string, pauseMs: number, now: DatabaseNow = databaseNow): Promise<void> {
  const end = sql`${now()} + make_interval(secs => ${pauseMs / 1000})`
  await sql`
    INSERT INTO call_budgets AS budget (name, next_at) VALUES (${name}, ${end})
    ON CONFLICT (name) DO UPDATE SET next_at = greatest(budget.next_at, excluded.next_at)
  `.execute(db)
}

export interface CallBudget {
  name: string
  perSecond: number
  /** Calls are not reserved further ahead than this, so that a rush that is over leaves no queue behind. */
  horizonMs: number
}

/**
 * Reserves one call of a budget that all processes share: calls are spaced 1/perSecond apart. The call is the caller's
 * to make at its time; nothing is reserved when the answer is undefined.
 *
 * @returns how long to wait before the call, in ms, 0 when it may be made at once; undefined when the horizon is full
 */
export async function reserveCall(
  db: Database,
  { name, perSecond, horizonMs }: CallBudget,
  now: DatabaseNow = databaseNow,
): Promise<number | undefined> {
  const gap = sql`make_interval(secs => ${1 / perSecond})`
  const { rows } = await sql<{ wait_ms: number }>`
    INSERT INTO call_budgets AS budget (name, next_at) VALUES (${name}, ${now()})
    ON CONFLICT (name) DO UPDATE
      SET next_at = greatest(budget.next_at + ${gap}, ${now()})
      WHERE budget.next_at + ${gap} <= ${now()} + make_interval(secs => ${horizonMs / 1000})
    RETURNING (extract(epoch FROM budget.next_at - ${now()}) * 1000)::float8 AS wait_ms
  `.execute(db)
  const [reserved] = rows
  return reserved && Math.max(0, reserved.wait_ms)
}

/** Budgets of single addresses that nobody has used for an hour: they are as good as new. */
export async function forgetAddressBudgets(db: Database): Promise<void> {
  await sql`DELETE FROM call_budgets WHERE name ~ '^(authorise|login) ' AND next_at < clock_timestamp() - interval '1 hour'`.execute(db)
}
