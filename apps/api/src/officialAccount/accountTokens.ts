import { setTimeout as delay } from 'node:timers/promises'
import type { AccountKeys } from '../config/readWechatAccounts.ts'
import { claimCredential, saveCredential, saveCredentialFailure } from '../storage/accountCredentials.ts'
import type { Database } from '../storage/database.ts'
import type { CredentialKind } from '../storage/accountTables.ts'
import type { Clock } from '../support/clock.ts'
import { AccountApiError, type AccountApi, type Credential } from './accountApi.ts'

/** A token or ticket cannot be had now: WeChat refused it or did not answer, and is not asked again for a while. */
export class CredentialUnavailableError extends Error {
  override readonly name = 'CredentialUnavailableError'
}

export interface AccountTokens {
  /**
   * Calls WeChat with an access_token. When WeChat says that the token will not do, it is renewed once and the call repeated once.
   *
   * @throws {CredentialUnavailableError} and what the call throws
   */
  withToken<T>(call: (accessToken: string) => Promise<T>): Promise<T>
  /** @throws {CredentialUnavailableError} */
  jsapiTicket(): Promise<string>
}

export interface AccountTokensOptions {
  db: Database
  clock: Clock
  api: Pick<AccountApi, 'stableToken' | 'jsapiTicket'>
  keys: AccountKeys
}

/** A new token is there in its last five minutes, while the old one still works (chapter getStableAccessToken). */
const marginMs = 300_000

/** Longer than the calls that fetch one may take: a ticket may need a token first, twice. A process that is not through by then is taken for dead. */
const leaseMs = 20_000

/** How long a process waits for another that fetches. */
const patienceMs = 10_000

/**
 * So long nobody asks again: a wrong secret or a used-up quota does not mend within seconds, nor does WeChat give out a new one each time
 * when the one it has is near its end; and asking costs quota.
 */
const pauseMs = 30_000

/** The token is not valid, not the latest, or too old (Global_Return_Code). */
const badToken: ReadonlySet<number> = new Set([40001, 40014, 42001])

/** Tokens and tickets of one account, shared by all processes: one of them fetches, the others wait or use the old one. */
export function createAccountTokens({ db, clock, api, keys }: AccountTokensOptions): AccountTokens {
  const { appId } = keys
  const after = (ms: number) => new Date(clock.now().getTime() + ms)

  async function get(kind: CredentialKind, fetch: () => Promise<Credential>, notThis: string | null = null): Promise<string> {
    const started = performance.now()
    for (let waitMs = 25; ; waitMs = Math.min(waitMs * 2, 250)) {
      const options = { now: clock.now(), marginMs, leaseMs, notThis }
      const claimed = await db.transaction().execute((tx) => claimCredential(tx, { appId, kind }, options))
      if (claimed.state === 'good' || claimed.state === 'old') return claimed.value
      if (claimed.state === 'ours') return refresh(kind, fetch)
      if (claimed.state === 'failed') throw new CredentialUnavailableError(`${kind}: ${claimed.failure}; not asked again yet`)
      if (performance.now() - started >= patienceMs) throw new CredentialUnavailableError(`${kind}: another process is still fetching it`)
      await delay(waitMs)
    }
  }

  /** No transaction is open meanwhile: the row carries a lease. */
  async function refresh(kind: CredentialKind, fetch: () => Promise<Credential>): Promise<string> {
    try {
      const { value, expiresInSeconds } = await fetch()
      await saveCredential(db, { appId, kind }, { value, expiresAt: after(expiresInSeconds * 1000), retryAt: after(pauseMs) })
      return value
    } catch (cause) {
      const failure = cause instanceof Error ? cause.message : 'failed'
      await saveCredentialFailure(db, { appId, kind }, { failure, retryAt: after(pauseMs) })
      throw new CredentialUnavailableError(`${kind} cannot be had`, { cause })
    }
  }

  const accessToken = (notThis: string | null = null) => get('access-token', () => api.stableToken(keys), notThis)

  async function withToken<T>(call: (accessToken: string) => Promise<T>): Promise<T> {
    const token = await accessToken()
    try {
      return await call(token)
    } catch (error) {
      if (!(error instanceof AccountApiError) || !badToken.has(error.errcode)) throw error
      const renewed = await accessToken(token)
      // WeChat gives out the very token that it refuses: asking on would only use the quota up.
      if (renewed === token) throw error
      return call(renewed)
    }
  }

  return { withToken, jsapiTicket: () => get('jsapi-ticket', () => withToken((token) => api.jsapiTicket(token))) }
}
