import { hashOf } from '../support/secrets.ts'
import type { Database, Tx } from './database.ts'
import type { AuthorisationOutcome } from './accountTables.ts'

/** A browser's way to WeChat and back. */
export interface Authorisation {
  state: string
  /** What the browser's cookie holds. */
  browser: string
  appId: string
  returnPath: string
  createdAt: Date
  expiresAt: Date
}

export async function insertAuthorisation(db: Database, authorisation: Authorisation): Promise<void> {
  const { state, browser, appId, returnPath, createdAt, expiresAt } = authorisation
  await db
    .insertInto('authorisations')
    .values({
      state_hash: hashOf(state),
      browser_hash: hashOf(browser),
      app_id: appId,
      return_path: returnPath,
      created_at: createdAt,
      expires_at: expiresAt,
    })
    .execute()
}

export interface Callback {
  state: string
  code: string
  /** null: the browser has no cookie of ours. */
  browser: string | null
}

export interface ClaimOptions {
  appId: string
  now: Date
  leaseMs: number
  /** How long a result is given to a callback that comes again. */
  keptMs: number
}

/**
 * `ours`: exchange the code. `busy`: another callback of the same code is at it. `finished`: it was exchanged; the openid is there when
 * WeChat told it. The rest is refused.
 */
export type ClaimedCallback =
  | { state: 'ours'; returnPath: string }
  | { state: 'busy' }
  | { state: 'finished'; returnPath: string; outcome: AuthorisationOutcome; openId: string | null }
  | { state: 'unknown' | 'other-browser' | 'used' | 'expired'; returnPath: string | null }

/** A state is for one code of one browser. @param tx - the row is locked until it ends */
export async function claimCallback(tx: Tx, callback: Callback, { appId, now, leaseMs, keptMs }: ClaimOptions): Promise<ClaimedCallback> {
  const row = await tx
    .selectFrom('authorisations')
    .selectAll()
    .where('state_hash', '=', hashOf(callback.state))
    .where('app_id', '=', appId)
    .forUpdate()
    .executeTakeFirst()
  if (!row) return { state: 'unknown', returnPath: null }
  // Where it leads is nobody else's business.
  if (callback.browser === null || hashOf(callback.browser) !== row.browser_hash) return { state: 'other-browser', returnPath: null }
  const { return_path: returnPath } = row
  const codeHash = hashOf(callback.code)
  if (row.code_hash !== null && row.code_hash !== codeHash) return { state: 'used', returnPath }
  if (row.finished_at && row.outcome) {
    if (now.getTime() - row.finished_at.getTime() > keptMs) return { state: 'used', returnPath }
    return { state: 'finished', returnPath, outcome: row.outcome, openId: row.open_id }
  }
  if (row.exchange_lease_until && row.exchange_lease_until > now) return { state: 'busy' }
  if (row.expires_at <= now) return { state: 'expired', returnPath }
  await tx
    .updateTable('authorisations')
    .set({ code_hash: codeHash, exchange_lease_until: new Date(now.getTime() + leaseMs) })
    .where('state_hash', '=', row.state_hash)
    .execute()
  return { state: 'ours', returnPath }
}

/** @returns false when it was finished already, by who took us for dead */
export async function finishCallback(
  tx: Tx,
  state: string,
  { outcome, openId, now }: { outcome: AuthorisationOutcome; openId: string | null; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('authorisations')
    .set({ outcome, open_id: openId, finished_at: now })
    .where('state_hash', '=', hashOf(state))
    .where('finished_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export async function forgetAuthorisations(db: Database, createdBefore: Date): Promise<void> {
  await db.deleteFrom('authorisations').where('created_at', '<', createdBefore).execute()
}
