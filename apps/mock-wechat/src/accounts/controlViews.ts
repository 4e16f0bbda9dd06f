import type { Account, Owner } from './account.ts'
import { openidOf, people, unionidOf } from './people.ts'
import type { Push, PushAttempt } from './push/pusher.ts'

/** A part of GET /_control/merchants. */
export function presentOwner({ mchid, scanUrl, h5Domains, refundUrl, accounts }: Owner) {
  return { scanUrl, h5Domains, refundUrl, accounts: accounts.map((account) => presentAccount(account, mchid)) }
}

export function presentAccount({ followers, ...account }: Account, mchid: string) {
  const users = people.map(({ id, nickname }) => ({
    id,
    nickname,
    openid: openidOf(id, account.appid),
    unionid: unionidOf(id, mchid),
    follower: followers.includes(id),
  }))
  return { ...account, users }
}

/** What the user of the chat sees. */
const outOfOrder = '该公众号提供的服务出现故障，请稍后再试'

export function presentPush({ fields, attempts, ...push }: Push) {
  return { ...push, message: Object.fromEntries(fields), attempts: attempts.map(presentAttempt), chat: chatOf(attempts) }
}

const presentAttempt = ({ at, ...attempt }: PushAttempt) => ({ at: new Date(at).toISOString(), ...attempt })

function chatOf(attempts: readonly PushAttempt[]): string | null {
  const last = attempts.at(-1)
  if (!last) return null
  if (last.verdict === null || last.verdict.type === 'wrong') return outOfOrder
  return last.verdict.type === 'reply' ? last.verdict.content : null
}
