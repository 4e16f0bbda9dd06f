import type { Clock } from '../clock.ts'
import type { Refusals } from '../refusals.ts'
import type { Accounts } from './accounts.ts'
import { createCgiTokens } from './api/cgiTokens.ts'
import { createCodes } from './api/codes.ts'
import { createQuota } from './api/quota.ts'
import { createSnsTokens } from './api/snsTokens.ts'
import { createTickets } from './api/tickets.ts'

export type WechatSide = ReturnType<typeof createWechatSide>

/** What WeChat knows of its accounts. The accounts are on disk; codes, tokens and tickets are in memory: a restart ends them, as 40001 and 40029 say. */
export function createWechatSide({ accounts, clock, refusals }: { accounts: Accounts; clock: Clock; refusals: Refusals }) {
  const quota = createQuota(clock)
  const cgiTokens = createCgiTokens(clock, quota)
  const snsTokens = createSnsTokens(clock)
  const codes = createCodes(clock)
  const tickets = createTickets(clock)
  return {
    accounts,
    clock,
    refusals,
    quota,
    cgiTokens,
    snsTokens,
    codes,
    tickets,
    clear(): void {
      for (const part of [quota, cgiTokens, snsTokens, codes, tickets]) part.clear()
    },
  }
}
