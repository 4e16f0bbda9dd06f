import type Router from '@koa/router'
import type { Clock } from '../clock.ts'
import type { Refusals } from '../refusals.ts'
import { openAccounts, type Accounts } from './accounts.ts'
import { cgiRoutes } from './api/cgiRoutes.ts'
import { snsRoutes } from './api/snsRoutes.ts'
import { bridgeRoutes } from './bridgeRoutes.ts'
import { accountControlRoutes } from './controlRoutes.ts'
import { authorizeRoutes } from './oauth/authorizeRoutes.ts'
import { createPusher } from './push/pusher.ts'
import { createSender } from './push/send.ts'
import { createWechatSide } from './wechatSide.ts'

export interface AccountSideOptions {
  /** Where accounts.json is. */
  dir: string
  merchants: readonly { mchid: string; name: string; appids: readonly string[] }[]
  clock: Clock
  refusals: Refusals
  /** How long a merchant may take to answer a push, real time. */
  pushTimeoutMs: number
}

export interface AccountSide {
  accounts: Accounts
  /** To be mounted in this order, before the rest of the control side. */
  routers: readonly Router[]
  /** Codes, tokens, tickets and pushes go; accounts and their settings stay. */
  clear(): void
  close(): Promise<void>
}

/** Official accounts and mini programs: the servers at api.weixin.qq.com and open.weixin.qq.com. */
export function openAccountSide({ dir, merchants, clock, refusals, pushTimeoutMs }: AccountSideOptions): AccountSide {
  const accounts = openAccounts(dir, merchants)
  const wechat = createWechatSide({ accounts, clock, refusals })
  const sender = createSender(pushTimeoutMs)
  const pusher = createPusher({ clock, sender })
  const nameOf = (mchid: string) => merchants.find((merchant) => merchant.mchid === mchid)?.name ?? mchid
  return {
    accounts,
    routers: [
      authorizeRoutes(wechat, nameOf),
      snsRoutes(wechat),
      cgiRoutes(wechat),
      bridgeRoutes(wechat),
      accountControlRoutes({ wechat, pusher, sender }),
    ],
    clear(): void {
      wechat.clear()
      pusher.clear()
    },
    close: () => sender.close(),
  }
}
