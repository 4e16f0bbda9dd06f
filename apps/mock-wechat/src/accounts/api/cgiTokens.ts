import type { Clock } from '../../clock.ts'
import { base62, randomText } from '../../support/random.ts'
import { ApiError } from './apiError.ts'
import type { Quota } from './quota.ts'

interface CgiToken {
  value: string
  appid: string
  expiresAt: number
  /** After this it is "not the latest" any more, however long it had to live. */
  deadAt: number
}

/** getAccessToken: 2 hours; a token that was replaced lives 5 more minutes. getStableAccessToken: the same one until its last 5 minutes. */
const lifeMs = 7_200_000
const overlapMs = 300_000
/** getStableAccessToken: 20 forced refreshes a day, 30 s apart; getAccessToken: 2,000 calls a day. */
const forcesPerDay = 20
const forceGapMs = 30_000
const tokensPerDay = 2_000

const shape = /^\d+_[\w-]{64,509}$/
export const newTokenValue = (): string => `9${randomText('0123456789', 1)}_${randomText(`${base62}-_`, 133)}`
export const looksLikeToken = (value: string): boolean => shape.test(value)

export type CgiTokens = ReturnType<typeof createCgiTokens>

/**
 * The access tokens of the server API: two families that know nothing of each other.
 *
 * @see https://developers.weixin.qq.com/doc/offiaccount/Basic_Information/getStableAccessToken.html
 */
export function createCgiTokens(clock: Clock, quota: Quota) {
  const all = new Map<string, CgiToken>()
  const newest = { plain: new Map<string, CgiToken>(), stable: new Map<string, CgiToken>() }
  const forcedAt = new Map<string, number>()

  function issue(family: keyof typeof newest, appid: string): CgiToken {
    const token = { value: newTokenValue(), appid, expiresAt: clock.now() + lifeMs, deadAt: Infinity }
    all.set(token.value, token)
    newest[family].set(appid, token)
    return token
  }

  function force(appid: string): CgiToken {
    const last = forcedAt.get(appid)
    if (last !== undefined && clock.now() - last < forceGapMs) throw new ApiError(45011, 'two forced refreshes within 30 s')
    if (!quota.dayAllows(`force ${appid}`, forcesPerDay)) throw new ApiError(45009, `more than ${forcesPerDay} forced refreshes today`)
    forcedAt.set(appid, clock.now())
    const old = newest.stable.get(appid)
    if (old) old.deadAt = clock.now()
    return issue('stable', appid)
  }

  function kept(appid: string): CgiToken {
    const token = newest.stable.get(appid)
    return token && token.expiresAt - clock.now() > overlapMs ? token : issue('stable', appid)
  }

  const present = ({ value, expiresAt }: CgiToken) => ({
    access_token: value,
    expires_in: Math.floor((expiresAt - clock.now()) / 1000),
  })

  return {
    /** @throws {ApiError} 45009 */
    plain(appid: string) {
      if (!quota.dayAllows(`token ${appid}`, tokensPerDay)) throw new ApiError(45009, `more than ${tokensPerDay} tokens today`)
      const old = newest.plain.get(appid)
      if (old) old.deadAt = clock.now() + overlapMs
      return present(issue('plain', appid))
    },
    /** @throws {ApiError} 45011, 45009 */
    stable: (appid: string, forced: boolean) => present(forced ? force(appid) : kept(appid)),
    /** The account that the token is for. @throws {ApiError} 40014, 40001, 42001 */
    check(value: string): string {
      const token = all.get(value)
      if (!token && !looksLikeToken(value)) throw new ApiError(40014, 'the access_token does not look like one')
      if (!token) throw new ApiError(40001, 'no access_token of this mock; after a restart it knows none of the old ones')
      if (clock.now() >= token.deadAt) throw new ApiError(40001, 'another call made a newer access_token')
      if (clock.now() >= token.expiresAt) throw new ApiError(42001, 'the access_token is older than two hours')
      return token.appid
    },
    clear(): void {
      for (const map of [all, newest.plain, newest.stable, forcedAt]) map.clear()
    },
  }
}
