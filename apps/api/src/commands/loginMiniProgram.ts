import type { AccountKeys } from '../config/readWechatAccounts.ts'
import { payerSessionMs } from '../domain/payer.ts'
import { AccountApiError, AccountApiUnreachableError } from '../officialAccount/accountApi.ts'
import { reserveCall } from '../storage/callBudgets.ts'
import { openPayerSession } from '../storage/payerSessions.ts'
import type { AccountContext } from './accountContext.ts'
import { codeRefusals } from './steps/codeRefusals.ts'

/** Phones of one network share an address: thirty at once, and one in two seconds after that. */
const perAddress = { perSecond: 0.5, horizonMs: 60_000 }

/** WeChat itself counts logins per user and minute: 45011. */
const tooOften = 45011

export type MiniProgramLogin =
  | { outcome: 'known'; token: string; expiresInMs: number }
  /** The code will not do. */
  | { outcome: 'refused' }
  | { outcome: 'too-many' }
  /** WeChat cannot be reached, or refuses us. */
  | { outcome: 'away'; because: 'unreachable' | 'settings' }

/** wx.login's code → openid → a token that stands for it. The session_key stays with WeChat: nothing here reads it. */
export async function loginMiniProgram(
  { db, clock, api }: AccountContext,
  keys: AccountKeys,
  { code, clientAddress }: { code: string; clientAddress: string },
): Promise<MiniProgramLogin> {
  const place = await reserveCall(db, { name: `login ${clientAddress}`, ...perAddress })
  if (place === undefined) return { outcome: 'too-many' }
  try {
    const { openId } = await api.openLogin(keys, code)
    const token = await openPayerSession(db, { appId: keys.appId, openId, source: 'mini-program' }, clock.now())
    return { outcome: 'known', token, expiresInMs: payerSessionMs }
  } catch (error) {
    if (error instanceof AccountApiUnreachableError) return { outcome: 'away', because: 'unreachable' }
    if (!(error instanceof AccountApiError)) throw error
    if (error.errcode === tooOften) return { outcome: 'too-many' }
    return codeRefusals.has(error.errcode) ? { outcome: 'refused' } : { outcome: 'away', because: 'settings' }
  }
}
