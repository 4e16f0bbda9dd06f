import { z } from 'zod'
import type { Protocol } from '../ledger/trade.ts'
import type { Refund } from '../refunds/refund.ts'
import { nextDelivery } from './ladder.ts'

export const Attempt = z.object({
  /** Virtual milliseconds. */
  at: z.number(),
  durationMs: z.number(),
  /** HTTP status; null when no answer came. */
  status: z.number().nullable(),
  /** The answer's first bytes as text. */
  body: z.string().nullable(),
  error: z.string().nullable(),
  acknowledged: z.boolean(),
  /** Kinds of the faults that struck this delivery. */
  faults: z.array(z.string()),
  /** Sent by hand: takes no rung of the ladder. */
  resent: z.boolean(),
})
export type Attempt = z.infer<typeof Attempt>

/** The message that one trade was paid, or what became of one refund, until the merchant has acknowledged it or WeChat gives up. */
export interface Notice {
  id: string
  /** The form that it has: a refund that was asked for in v3 may be announced in v2's. */
  protocol: Protocol
  kind: 'payment' | 'refund'
  /** As it was at the result that is announced. */
  refund: Refund | null
  url: string
  /** The how manieth of this ledger, from 1. */
  ordinal: number
  mchid: string
  outTradeNo: string
  transactionId: string
  state: 'waiting' | 'acknowledged' | 'given-up'
  /** Failed deliveries of the ladder so far. */
  failures: number
  /** Virtual milliseconds; null when nothing is to come. */
  nextAttemptAt: number | null
  /** A late or out-of-order fault strikes a notice once. */
  postponed: boolean
  attempts: readonly Attempt[]
}

export function afterAttempt(notice: Notice, attempt: Attempt): Notice {
  const attempts = [...notice.attempts, attempt]
  if (attempt.acknowledged) return { ...notice, attempts, state: 'acknowledged', nextAttemptAt: null }
  if (attempt.resent || notice.state !== 'waiting') return { ...notice, attempts }
  const failures = notice.failures + 1
  const nextAttemptAt = nextDelivery(failures, attempt.at)
  return { ...notice, attempts, failures, nextAttemptAt, state: nextAttemptAt === null ? 'given-up' : 'waiting' }
}
