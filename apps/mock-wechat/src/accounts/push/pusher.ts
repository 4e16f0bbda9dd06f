import { randomUUID } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import type { Account, PushFormat, PushMode } from '../account.ts'
import { seal, type PushFault } from './envelope.ts'
import type { MessageFields } from './message.ts'
import { judgeReply, type Verdict } from './reply.ts'
import type { HttpOutcome, Sender } from './send.ts'
import { withQuery } from './withQuery.ts'

export interface PushAttempt extends HttpOutcome {
  /** Virtual time in milliseconds. */
  at: number
  /** With its query, as it was called. */
  address: string
  contentType: string
  sent: string
  /** null when no answer of HTTP 200 came. */
  verdict: Verdict | null
  /** The very bytes of the attempt before, once more. */
  replayed: boolean
}

export interface Push {
  id: string
  appid: string
  openid: string
  mode: PushMode
  format: PushFormat
  faults: readonly PushFault[]
  fields: MessageFields
  /** Paused: the server had failed too often, nothing was sent. */
  state: 'taken' | 'failed' | 'paused'
  attempts: PushAttempt[]
}

export type PushOrder = Pick<Push, 'openid' | 'mode' | 'format' | 'faults' | 'fields'> & { account: Account; url: string }

/** 接收普通消息: WeChat gives up after three attempts in all. */
const attemptsInAll = 3
/** WeChat marks a server that keeps failing, and stops for a minute. How often it must fail is not documented: own choice. */
const failuresBeforePause = 5
const pauseMs = 60_000
const keep = 200

export type Pusher = ReturnType<typeof createPusher>

export function createPusher({ clock, sender }: { clock: Clock; sender: Sender }) {
  const pushes: Push[] = []
  const standing = new Map<string, { failures: number; pausedUntil: number }>()

  async function attempt(order: PushOrder): Promise<PushAttempt> {
    const envelope = seal({ ...order, now: clock.realNow() })
    const letter = { address: withQuery(order.url, envelope.query), contentType: envelope.contentType, sent: envelope.body }
    return deliver(letter, order, false)
  }

  async function deliver(
    letter: Pick<PushAttempt, 'address' | 'contentType' | 'sent'>,
    asked: PushOrder,
    replayed: boolean,
  ): Promise<PushAttempt> {
    const at = clock.now()
    const outcome = await sender.post(letter.address, { contentType: letter.contentType, body: letter.sent })
    const verdict = outcome.status === 200 ? judgeReply(outcome.body ?? '', asked) : null
    return { ...letter, ...outcome, at, verdict, replayed }
  }

  /** Repeats only what got no answer; what is forged on command is not WeChat's, and goes out once (or twice). */
  async function attempts(order: PushOrder): Promise<PushAttempt[]> {
    const all = [await attempt(order)]
    if (order.faults.includes('duplicate')) all.push(await attempt(order))
    if (order.faults.length > 0) return all
    while (all.at(-1)?.verdict === null && all.length < attemptsInAll) all.push(await attempt(order))
    return all
  }

  /** Only honest pushes count. */
  function count(appid: string, taken: boolean): void {
    const failures = taken ? 0 : (standing.get(appid)?.failures ?? 0) + 1
    standing.set(appid, { failures, pausedUntil: failures >= failuresBeforePause ? clock.now() + pauseMs : 0 })
  }

  const isPaused = (appid: string) => (standing.get(appid)?.pausedUntil ?? 0) > clock.now()

  return {
    /** Resolves when the last attempt was answered, or given up. */
    async push(order: PushOrder): Promise<Push> {
      const { account, openid, mode, format, faults, fields } = order
      const { appid } = account
      const made = isPaused(appid) ? [] : await attempts(order)
      const taken = made.some(({ verdict }) => isTaken(verdict))
      if (made.length > 0 && faults.length === 0) count(appid, taken)
      const state = made.length === 0 ? 'paused' : taken ? 'taken' : 'failed'
      const push: Push = { id: randomUUID(), appid, openid, mode, format, faults, fields, state, attempts: made }
      pushes.push(push)
      if (pushes.length > keep) pushes.shift()
      return push
    },
    /** The bytes of its last attempt once more, old timestamp and all. */
    async replay(push: Push, account: Account): Promise<Push> {
      const last = push.attempts.at(-1)
      if (last) push.attempts.push(await deliver(last, { ...push, account, url: last.address }, true))
      return push
    },
    find: (id: string): Push | undefined => pushes.find((push) => push.id === id),
    list: (): readonly Push[] => pushes,
    clear(): void {
      pushes.splice(0)
      standing.clear()
    },
  }
}

const isTaken = (verdict: Verdict | null): boolean => verdict !== null && verdict.type !== 'wrong'
