import { DiscrepancyNotFoundError, DiscrepancyResolvedError } from '../domain/billErrors.ts'
import type { Discrepancy } from '../domain/discrepancy.ts'
import { findDiscrepancy, resolve } from '../storage/discrepancies.ts'
import type { BillContext } from './billContext.ts'

/**
 * A person says why a difference is settled. It changes no money.
 *
 * @throws {DiscrepancyNotFoundError} @throws {DiscrepancyResolvedError}
 */
export async function resolveDiscrepancy(
  { store, clock }: Pick<BillContext, 'store' | 'clock'>,
  { id, reason }: { id: string; reason: string },
): Promise<Discrepancy> {
  return store.db.transaction().execute(async (tx) => {
    const resolved = await resolve(tx, { id, resolver: 'operator', reason, source: 'operator', at: clock.now() })
    const discrepancy = await findDiscrepancy(tx, id)
    if (!discrepancy) throw new DiscrepancyNotFoundError('no such discrepancy')
    if (!resolved) throw new DiscrepancyResolvedError('resolved already')
    return discrepancy
  })
}
