import { sql } from 'kysely'
import type { Database } from '../database.ts'

/** Marks our advisory locks among others. As in migration 0010, which takes them. */
const lockClass = 25974

/**
 * The id up to which the history is settled: no event with an id at or below it can still appear. An id is given out when its event is
 * written and the event is seen when its transaction commits, which may be after one with a higher id was seen; who follows along by ids would
 * skip it. So every transaction that writes events holds, until it ends, a lock whose number is the last id that was given out before its own
 * (a trigger, so that nobody can forget it), and what is above the lowest of these numbers is not handed out yet.
 *
 * The order of the three looks is the proof: the last id, then the locks, then (by the caller) the events. Who was given an id by the first look
 * has held its lock since before, so that it is either seen by the second look or has committed before it, and the third look sees its event.
 */
export async function settledEventId(db: Database): Promise<string> {
  const last = await sql<{ last: string }>`SELECT last_value AS last FROM events_id_seq`.execute(db)
  const writing = await sql<{ lowest: string | null }>`
    SELECT min(((classid::bigint & 65535) << 32) | objid::bigint) AS lowest
    FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 16 = ${lockClass}
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`.execute(db)
  const given = BigInt(last.rows[0]?.last ?? 0)
  const lowest = BigInt(writing.rows[0]?.lowest ?? given)
  return String(lowest < given ? lowest : given)
}
