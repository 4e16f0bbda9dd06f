import type { Generated } from 'kysely'
import type { PayerSource } from '../domain/payer.ts'
import type { Fixed, Identity } from './columns.ts'

export interface AuthorisationsTable {
  state_hash: Fixed<string>
  browser_hash: Fixed<string>
  app_id: Fixed<string>
  return_path: Fixed<string>
  created_at: Fixed<Date>
  expires_at: Fixed<Date>
  code_hash: string | null
  /** Until then one caller has the exchange of the code to itself. */
  exchange_lease_until: Date | null
  finished_at: Date | null
  outcome: AuthorisationOutcome | null
  open_id: string | null
}

/** `unreachable`: WeChat may have used the code up without our hearing of it. */
export type AuthorisationOutcome = 'known' | 'refused' | 'snapshot' | 'unreachable'

export interface PayerSessionsTable {
  token_hash: Fixed<string>
  source: Fixed<PayerSource>
  app_id: Fixed<string>
  open_id: Fixed<string>
  created_at: Fixed<Date>
  expires_at: Fixed<Date>
}

export interface AccountMessagesTable {
  id: Identity
  app_id: Fixed<string>
  message_key: Fixed<string>
  type: Fixed<string>
  open_id: Fixed<string>
  event_key: Fixed<string | null>
  /** As WeChat sent it, decrypted. */
  raw: Fixed<string>
  deliveries: Generated<number>
  received_at: Fixed<Date>
  /** Until then one caller has its handling to itself. */
  handle_lease_until: Date | null
  handled_at: Date | null
  reply: string | null
}

export interface AccountEnvelopesTable {
  envelope_hash: Fixed<string>
  message_id: Fixed<string>
  received_at: Fixed<Date>
  answered_at: Date | null
}

export interface AccountCredentialsTable {
  app_id: Fixed<string>
  kind: Fixed<CredentialKind>
  value: string | null
  expires_at: Date | null
  /** Until then one process has the refresh to itself. */
  refresh_lease_until: Date | null
  /** Why the last refresh failed; nobody tries again before retry_at. */
  failure: string | null
  retry_at: Date | null
}

export type CredentialKind = 'access-token' | 'jsapi-ticket'
