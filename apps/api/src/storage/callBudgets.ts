import { sql } from 'kysely'
import type { Database } from './database.ts'

/**
 * Takes one call out of a budget that all processes share: calls are spaced 1/perSecond apart.
 *
 * @returns how long to wait before the call, in ms; 0 when it may be made at once
 */
export async function takeFromBudget(db: Database, name: string, perSecond: number): Promise<number> {
  const { rows } = await sql<{ wait_ms: number }>`
    INSERT INTO call_budgets AS budget (name, next_at) VALUES (${name}, clock_timestamp())
    ON CONFLICT (name) DO UPDATE
      SET next_at = greatest(budget.next_at + make_interval(secs => ${1 / perSecond}), clock_timestamp())
    RETURNING (extract(epoch FROM budget.next_at - clock_timestamp()) * 1000)::float8 AS wait_ms
  `.execute(db)
  return Math.max(0, rows[0]?.wait_ms ?? 0)
}
