import { createHash, timingSafeEqual } from 'node:crypto'
import type { Config } from '../../config.ts'
import type { Clock } from '../../support/clock.ts'
import { retryAfterSeconds } from '../errorAnswers.ts'
import { bearerOf } from '../payer.ts'
import { RequestError } from '../requestErrors.ts'
import type { AppMiddleware } from '../state.ts'
import { addressGroup, clientAddress } from './clientAddress.ts'

/** A wrong token is a mistyped one or a guess: an operator needs few of them, and nobody needs many. */
const failures = { perAddress: 10, windowMs: 60_000 }

/** Addresses whose failures are remembered; beyond that the oldest is forgotten. */
const mostAddresses = 10_000

export interface OperatorsOnlyDeps {
  config: Pick<Config, 'operatorToken' | 'trustedProxies'>
  clock: Clock
}

/**
 * Lets through who has the operator's token, and nobody where none is set. An address that was wrong too often is not listened to for a
 * minute, also when it is right then: else a guess would be answered as long as it is made.
 */
export function operatorsOnly({ config, clock }: OperatorsOnlyDeps): AppMiddleware {
  const expected = config.operatorToken === null ? null : digest(config.operatorToken)
  const wrong = new Map<string, { count: number; until: number }>()

  return async (ctx, next) => {
    const address = addressGroup(clientAddress(ctx.req, config.trustedProxies))
    const now = clock.now().getTime()
    const before = wrong.get(address)
    if (before && now >= before.until) wrong.delete(address)
    else if (before && before.count >= failures.perAddress)
      throw new RequestError('too_many_requests', { headers: retryAfterSeconds((before.until - now) / 1000) })
    const given = bearerOf(ctx.headers.authorization)
    if (expected === null || given === null || !timingSafeEqual(digest(given), expected)) {
      note(wrong, address, now)
      throw new RequestError('operator_unknown', { headers: { 'WWW-Authenticate': 'Bearer' } })
    }
    return next()
  }
}

function note(wrong: Map<string, { count: number; until: number }>, address: string, now: number): void {
  const { count, until } = wrong.get(address) ?? { count: 0, until: now + failures.windowMs }
  wrong.set(address, { count: count + 1, until })
  const oldest = wrong.size > mostAddresses ? wrong.keys().next().value : undefined
  if (oldest !== undefined) wrong.delete(oldest)
}

/** Of equal length, whatever was sent. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
