import type { WechatAccountsConfig } from '../config/readWechatAccounts.ts'
import type { AccountApi } from '../officialAccount/accountApi.ts'
import type { Database } from '../storage/database.ts'
import type { Clock } from '../support/clock.ts'

/** What the commands around WeChat's accounts need; made once in wiring.ts. */
export interface AccountContext {
  db: Database
  clock: Clock
  config: WechatAccountsConfig
  /** Ours, where WeChat sends browsers back to. */
  publicUrl: string
  api: AccountApi
}
