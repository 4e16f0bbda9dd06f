import type { Database, Tx } from './database.ts'
import type { CredentialKind } from './accountTables.ts'

export interface CredentialName {
  appId: string
  kind: CredentialKind
}

export interface ClaimCredentialOptions {
  now: Date
  /** It is renewed so long before its end. */
  marginMs: number
  leaseMs: number
  /** This one will not do, whatever its time: WeChat has said so. */
  notThis: string | null
}

/**
 * `good`: use it. `ours`: fetch a new one, nobody else does. `old`: another is fetching it, or has a moment ago; this one still serves.
 * `busy`: another is fetching it and there is none to use. `failed`: the last fetch failed a moment ago; nobody asks again yet.
 */
export type ClaimedCredential =
  | { state: 'good' | 'old'; value: string }
  | { state: 'ours' }
  | { state: 'busy' }
  | { state: 'failed'; failure: string }

/** @param tx - the row is locked until it ends */
export async function claimCredential(
  tx: Tx,
  { appId, kind }: CredentialName,
  options: ClaimCredentialOptions,
): Promise<ClaimedCredential> {
  const { now, marginMs, leaseMs, notThis } = options
  await tx
    .insertInto('account_credentials')
    .values({ app_id: appId, kind })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const row = await tx
    .selectFrom('account_credentials')
    .selectAll()
    .where('app_id', '=', appId)
    .where('kind', '=', kind)
    .forUpdate()
    .executeTakeFirstOrThrow()
  const leftMs = row.value === null || row.value === notThis ? 0 : (row.expires_at?.getTime() ?? 0) - now.getTime()
  if (row.value !== null && leftMs > marginMs) return { state: 'good', value: row.value }
  if (row.refresh_lease_until && row.refresh_lease_until > now) {
    return row.value !== null && leftMs > 0 ? { state: 'old', value: row.value } : { state: 'busy' }
  }
  if (row.retry_at && row.retry_at > now) {
    if (row.value !== null && leftMs > 0) return { state: 'old', value: row.value }
    if (row.failure !== null) return { state: 'failed', failure: row.failure }
  }
  await tx
    .updateTable('account_credentials')
    .set({ refresh_lease_until: new Date(now.getTime() + leaseMs) })
    .where('app_id', '=', appId)
    .where('kind', '=', kind)
    .execute()
  return { state: 'ours' }
}

export async function saveCredential(
  db: Database,
  { appId, kind }: CredentialName,
  { value, expiresAt, retryAt }: { value: string; expiresAt: Date; retryAt: Date },
): Promise<void> {
  await db
    .updateTable('account_credentials')
    .set({ value, expires_at: expiresAt, refresh_lease_until: null, failure: null, retry_at: retryAt })
    .where('app_id', '=', appId)
    .where('kind', '=', kind)
    .execute()
}

export async function saveCredentialFailure(
  db: Database,
  { appId, kind }: CredentialName,
  { failure, retryAt }: { failure: string; retryAt: Date },
): Promise<void> {
  await db
    .updateTable('account_credentials')
    .set({ refresh_lease_until: null, failure, retry_at: retryAt })
    .where('app_id', '=', appId)
    .where('kind', '=', kind)
    .execute()
}
