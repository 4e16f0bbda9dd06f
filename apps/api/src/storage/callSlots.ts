import { sql } from 'kysely'
import { databaseNow, type DatabaseNow } from './callBudgets.ts'
import type { Database } from './database.ts'

/**
 * Calls that are under way at the same time, over all processes. A slot whose call was answered well is free at once, or after `leastMs` from
 * the call's begin; one whose call failed stays taken for `afterFailureMs` more. So of `slots` slots come at most slots/afterFailureMs failing
 * calls, and slots/leastMs calls, whatever the processes do; a failing call is counted from when we know of it, which is after WeChat does.
 */
export interface CallSlots {
  name: string
  slots: number
  leastMs: number
  afterFailureMs: number
  /** Of a caller that died. Longer than a call may take. */
  leaseMs: number
}

export interface CallSlot {
  name: string
  /** Until when it is taken, as the database wrote it: nobody frees a slot that somebody else has by now. */
  until: string
}

/** `waitMs`: when to ask again. */
export type TakenSlot = { state: 'taken'; slot: CallSlot } | { state: 'none-free'; waitMs: number }

/** Under this name in pauseCalls(), no slot is given while the pause lasts. */
export const pauseOf = ({ name }: Pick<CallSlots, 'name'>): string => name

export async function takeSlot(db: Database, kind: CallSlots, now: DatabaseNow = databaseNow): Promise<TakenSlot> {
  const taken = await takeFree(db, kind, now)
  if (taken) return { state: 'taken', slot: taken }
  await addMissing(db, kind, now)
  const pauseMs = await readPause(db, kind, now)
  // All are at work or just failed: which of them is free first nobody knows, and it will not be long.
  return { state: 'none-free', waitMs: pauseMs > 0 ? pauseMs : 250 }
}

function namesOf({ name, slots }: CallSlots): string[] {
  return Array.from({ length: slots }, (_, index) => `${name} slot ${index + 1}`)
}

async function takeFree(db: Database, kind: CallSlots, now: DatabaseNow): Promise<CallSlot | undefined> {
  const { rows } = await sql<CallSlot>`
    WITH free AS (
      SELECT name FROM call_budgets
      WHERE name = ANY(${namesOf(kind)}) AND next_at <= ${now()}
        AND NOT EXISTS (SELECT FROM call_budgets AS pause WHERE pause.name = ${kind.name} AND pause.next_at > ${now()})
      ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    UPDATE call_budgets SET next_at = ${now()} + make_interval(secs => ${kind.leaseMs / 1000})
    FROM free WHERE call_budgets.name = free.name
    RETURNING call_budgets.name, call_budgets.next_at::text AS until
  `.execute(db)
  return rows[0]
}

async function addMissing(db: Database, kind: CallSlots, now: DatabaseNow): Promise<void> {
  await sql`
    INSERT INTO call_budgets (name, next_at) SELECT name, ${now()} FROM unnest(${namesOf(kind)}::text[]) AS name ON CONFLICT DO NOTHING
  `.execute(db)
}

async function readPause(db: Database, { name }: CallSlots, now: DatabaseNow): Promise<number> {
  const { rows } = await sql<{ wait_ms: number }>`
    SELECT (extract(epoch FROM next_at - ${now()}) * 1000)::float8 AS wait_ms FROM call_budgets WHERE name = ${name}
  `.execute(db)
  return Math.max(0, rows[0]?.wait_ms ?? 0)
}

/** `unused`: no call was made after all. */
export async function freeSlot(
  db: Database,
  { name, until }: CallSlot,
  { kind, outcome }: { kind: CallSlots; outcome: 'good' | 'failed' | 'unused' },
  now: DatabaseNow = databaseNow,
): Promise<void> {
  const seconds = { good: 0, failed: kind.afterFailureMs / 1000, unused: 0 }[outcome]
  // It was taken a lease before it ends.
  const begin = sql`${until}::timestamptz - make_interval(secs => ${kind.leaseMs / 1000})`
  const least = outcome === 'unused' ? begin : sql`${begin} + make_interval(secs => ${kind.leastMs / 1000})`
  await sql`
    UPDATE call_budgets SET next_at = greatest(${now()} + make_interval(secs => ${seconds}), ${least})
    WHERE name = ${name} AND next_at = ${until}::timestamptz
  `.execute(db)
}
