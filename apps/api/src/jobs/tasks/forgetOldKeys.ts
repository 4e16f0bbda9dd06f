import { forgetKeys } from '../../storage/idempotencyKeys.ts'
import { forgetWatches } from '../../storage/orderWatches.ts'
import type { TaskContext } from './taskContext.ts'

/** How long a key is kept, as the contract promises. */
const keptMs = 24 * 3_600_000

export async function forgetOldKeys({ payments }: TaskContext): Promise<void> {
  const { db, clock } = payments.store
  const before = new Date(clock.now().getTime() - keptMs)
  await forgetKeys(db, before)
  await db.transaction().execute((tx) => forgetWatches(tx, before))
}
