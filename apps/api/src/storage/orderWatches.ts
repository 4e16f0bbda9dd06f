import { sql } from 'kysely'
import type { Tx } from './database.ts'

/**
 * Notes that somebody watches these orders, for all processes to know. The tokens travel as one array: a statement
 * takes at most 65,535 parameters, and there may be as many pages.
 *
 * @returns the tokens that nobody watched just before
 */
export async function noteWatches(tx: Tx, tokens: readonly string[], { now, until }: { now: Date; until: Date }): Promise<string[]> {
  if (tokens.length === 0) return []
  const watched = await tx
    .selectFrom('order_watches')
    .select('token')
    .where('token', '=', sql<string>`ANY(${tokens})`)
    .where('watched_until', '>', now)
    .execute()
  // In one order, so that two processes that note the same ones do not wait for each other in a circle.
  const sorted = tokens.toSorted()
  await tx
    .insertInto('order_watches')
    .columns(['token', 'watched_until'])
    .expression(sql`SELECT token, ${until}::timestamptz FROM unnest(${sorted}::text[]) AS token`)
    .onConflict((conflict) => conflict.column('token').doUpdateSet({ watched_until: sql`excluded.watched_until` }))
    .execute()
  const known = new Set(watched.map(({ token }) => token))
  return sorted.filter((token) => !known.has(token))
}

export async function forgetWatches(tx: Tx, endedBefore: Date): Promise<void> {
  await tx.deleteFrom('order_watches').where('watched_until', '<', endedBefore).execute()
}
