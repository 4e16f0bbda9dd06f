import { jsSdkSignature } from 'wxpay-core/protocol'
import type { AccountKeys } from '../config/readWechatAccounts.ts'
import type { AccountTokens } from '../officialAccount/accountTokens.ts'
import type { Clock } from '../support/clock.ts'
import { randomLetters } from '../support/secrets.ts'

/** What a page gives to wx.config, beside its own jsApiList. The ticket stays here. */
export interface JsSdkConfig {
  appId: string
  /** Unix time in whole seconds. */
  timestamp: number
  nonceStr: string
  signature: string
}

/** @param url - of the page, as its address bar has it; one of ours */
export async function signJsSdkPage(
  { tokens, clock }: { tokens: Pick<AccountTokens, 'jsapiTicket'>; clock: Clock },
  { appId }: AccountKeys,
  url: string,
): Promise<JsSdkConfig> {
  const ticket = await tokens.jsapiTicket()
  const timestamp = Math.floor(clock.now().getTime() / 1000)
  const nonceStr = randomLetters(16)
  const signature = jsSdkSignature({ ticket, nonce: nonceStr, timestamp: String(timestamp), url })
  return { appId, timestamp, nonceStr, signature }
}
