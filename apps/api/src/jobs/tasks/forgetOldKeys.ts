import { forgetEnvelopes } from '../../storage/accountMessages.ts'
import { forgetAuthorisations } from '../../storage/authorisations.ts'
import { forgetAddressBudgets } from '../../storage/callBudgets.ts'
import { forgetKeys } from '../../storage/idempotencyKeys.ts'
import { forgetWatches } from '../../storage/orderWatches.ts'
import { forgetPayerSessions } from '../../storage/payerSessions.ts'
import type { TaskContext } from './taskContext.ts'

/** How long a key is kept, as the contract promises. */
const keptMs = 24 * 3_600_000

/** Six times what any of them is good for: to see what happened, when somebody asks. */
const visitsKeptMs = 3_600_000

export async function forgetOldKeys({ payments }: TaskContext): Promise<void> {
  const { db, clock } = payments.store
  const before = new Date(clock.now().getTime() - keptMs)
  await forgetKeys(db, before)
  await db.transaction().execute((tx) => forgetWatches(tx, before))
  const visitsBefore = new Date(clock.now().getTime() - visitsKeptMs)
  await forgetAuthorisations(db, visitsBefore)
  await forgetPayerSessions(db, visitsBefore)
  await forgetEnvelopes(db, visitsBefore)
  await forgetAddressBudgets(db)
}
