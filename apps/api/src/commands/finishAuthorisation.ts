import { setTimeout as delay } from 'node:timers/promises'
import type { AccountKeys } from '../config/readWechatAccounts.ts'
import { AccountApiError, AccountApiUnreachableError } from '../officialAccount/accountApi.ts'
import { claimCallback, finishCallback, type Callback, type ClaimedCallback } from '../storage/authorisations.ts'
import { reserveCall } from '../storage/callBudgets.ts'
import { openPayerSession } from '../storage/payerSessions.ts'
import type { AuthorisationOutcome } from '../storage/accountTables.ts'
import { hashOf } from '../support/secrets.ts'
import type { AccountContext } from './accountContext.ts'
import { codeRefusals } from './steps/codeRefusals.ts'

/** Longer than the one call to WeChat may take. A callback that is not through by then is taken for dead. */
const leaseMs = 10_000

/** As long as WeChat would keep the code itself (chapter 网页授权). */
const keptMs = 300_000

/** How often a code that was exchanged may come again: twenty times at once, and once in ten seconds after that. Each is a row of its own. */
const again = { perSecond: 0.1, horizonMs: 200_000 }

/** How long a second callback of one code waits for the first. */
const patienceMs = 8_000

/** `settings`: WeChat refuses us, not the payer. The others are refusals of this callback. */
export type AuthorisationProblem =
  | 'unknown'
  | 'other-browser'
  | 'used'
  | 'expired'
  | 'refused'
  | 'snapshot'
  | 'unreachable'
  | 'settings'
  | 'busy'

export type FinishedAuthorisation =
  | { known: true; token: string; returnPath: string }
  /** returnPath: where the payer wanted to go, when that is theirs to know. */
  | { known: false; problem: AuthorisationProblem; returnPath: string | null }

/**
 * A browser is back from WeChat with a code. The code is exchanged once, whatever comes twice: clients prefetch, reload and go back.
 * No transaction is open while WeChat is asked: the exchange is a lease on the row.
 */
export async function finishAuthorisation(context: AccountContext, keys: AccountKeys, callback: Callback): Promise<FinishedAuthorisation> {
  const claimed = await claimPatiently(context, keys, callback)
  switch (claimed.state) {
    case 'ours':
      return exchange(context, keys, { ...callback, returnPath: claimed.returnPath })
    case 'finished':
      return replay(context, keys, callback, claimed)
    case 'busy':
      return { known: false, problem: 'busy', returnPath: null }
    default:
      return { known: false, problem: claimed.state, returnPath: claimed.returnPath }
  }
}

async function claimPatiently({ db, clock }: AccountContext, { appId }: AccountKeys, callback: Callback): Promise<ClaimedCallback> {
  const started = performance.now()
  for (let pauseMs = 25; ; pauseMs = Math.min(pauseMs * 2, 250)) {
    const options = { appId, now: clock.now(), leaseMs, keptMs }
    const claimed = await db.transaction().execute((tx) => claimCallback(tx, callback, options))
    if (claimed.state !== 'busy' || performance.now() - started >= patienceMs) return claimed
    await delay(pauseMs)
  }
}

async function exchange(
  { db, clock, api }: AccountContext,
  keys: AccountKeys,
  { state, code, returnPath }: Callback & { returnPath: string },
): Promise<FinishedAuthorisation> {
  const asked = await askWechat(api, keys, code)
  const now = clock.now()
  return db.transaction().execute(async (tx) => {
    const { openId } = asked
    const first = await finishCallback(tx, state, { outcome: asked.outcome, openId, now })
    if (!first) return { known: false, problem: 'busy', returnPath }
    if (openId === null) return { known: false, problem: asked.problem ?? 'refused', returnPath }
    const token = await openPayerSession(tx, { appId: keys.appId, openId, source: 'official-account' }, now)
    return { known: true, token, returnPath }
  })
}

interface Asked {
  outcome: AuthorisationOutcome
  openId: string | null
  problem: AuthorisationProblem | null
}

const refused = (outcome: Exclude<AuthorisationOutcome, 'known'>, problem: AuthorisationProblem = outcome): Asked => ({
  outcome,
  openId: null,
  problem,
})

async function askWechat(api: AccountContext['api'], keys: AccountKeys, code: string): Promise<Asked> {
  try {
    const { openId, isSnapshot } = await api.exchangeCode(keys, code)
    // The openid of a snapshot page is made up, and another one the next time.
    return isSnapshot ? refused('snapshot') : { outcome: 'known', openId, problem: null }
  } catch (error) {
    if (error instanceof AccountApiUnreachableError) return refused('unreachable')
    if (!(error instanceof AccountApiError)) throw error
    return refused('refused', codeRefusals.has(error.errcode) ? 'refused' : 'settings')
  }
}

/** The same again, under a token of its own: the first is known to nobody but the browser. */
async function replay(
  { db, clock }: AccountContext,
  { appId }: AccountKeys,
  { state }: Callback,
  { outcome, openId, returnPath }: Extract<ClaimedCallback, { state: 'finished' }>,
): Promise<FinishedAuthorisation> {
  if (outcome !== 'known' || openId === null) return { known: false, problem: outcome === 'known' ? 'refused' : outcome, returnPath }
  const place = await reserveCall(db, { name: `authorise again ${hashOf(state)}`, ...again })
  if (place === undefined) return { known: false, problem: 'busy', returnPath }
  const token = await openPayerSession(db, { appId, openId, source: 'official-account' }, clock.now())
  return { known: true, token, returnPath }
}
