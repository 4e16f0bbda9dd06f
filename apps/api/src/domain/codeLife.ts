import type { Payment, TradeType } from './payment.ts'

/**
 * How long WeChat lets the payer's device use what it was given: two hours for code_url and prepay_id, five minutes for an h5 link (unified
 * order, "code_url", "prepay_id" and "mweb_url"; the pages of v3 say the same).
 */
const actionLifeMs: Readonly<Record<TradeType, number>> = { native: 7_200_000, jsapi: 7_200_000, h5: 300_000 }

/** Counted from before the create was sent, so that it is over before WeChat's own: a repeat of it may bring what the first one made. */
export function payableUntil({ tradeType, createdAt, expiresAt }: Pick<Payment, 'tradeType' | 'createdAt' | 'expiresAt'>): Date {
  return new Date(Math.min(createdAt.getTime() + actionLifeMs[tradeType], expiresAt.getTime()))
}

/** More time is only offered when it is worth a tap. */
const worthwhileMs = 10_000

/** WeChat counts `time_expire` in whole seconds; the page's countdown ends with it at the latest. */
export function codeExpiry({ now, codeLifeMs, expiresAt }: { now: Date; codeLifeMs: number; expiresAt: Date }): Date {
  return new Date(Math.min(now.getTime() + codeLifeMs, expiresAt.getTime()))
}

/** The new end of the countdown inside WeChat's window, or null when none is left. */
export function extendedCodeExpiry(input: { now: Date; codeLifeMs: number; expiresAt: Date; codeExpiresAt: Date }): Date | null {
  const extended = codeExpiry(input)
  return extended.getTime() - input.codeExpiresAt.getTime() >= Math.min(worthwhileMs, input.codeLifeMs / 2) ? extended : null
}

/** A code made a moment ago is what a second tab that asks for a new one wants, too. */
const freshMs = 10_000

export function isFreshCode(code: { createdAt: Date; codeExpiresAt: Date | null }, now: Date): boolean {
  const left = code.codeExpiresAt ? code.codeExpiresAt.getTime() - now.getTime() : 0
  return left > 0 && now.getTime() - code.createdAt.getTime() < freshMs
}
