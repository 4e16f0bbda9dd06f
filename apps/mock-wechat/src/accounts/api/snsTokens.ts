import type { Clock } from '../../clock.ts'
import { ApiError } from './apiError.ts'
import { looksLikeToken, newTokenValue } from './cgiTokens.ts'
import type { Grant } from './codes.ts'

const lifeMs = 7_200_000
const refreshLifeMs = 30 * 86_400_000

interface Held {
  grant: Grant
  expiresAt: number
}

export type SnsTokens = ReturnType<typeof createSnsTokens>

/** The tokens of web authorisation: one user, one account, one scope. Not the tokens of the server API. */
export function createSnsTokens(clock: Clock) {
  const access = new Map<string, Held>()
  const refresh = new Map<string, Held>()

  function issue(grant: Grant, refreshToken: string) {
    const accessToken = newTokenValue()
    access.set(accessToken, { grant, expiresAt: clock.now() + lifeMs })
    const { openid, scope } = grant
    return { access_token: accessToken, expires_in: lifeMs / 1000, refresh_token: refreshToken, openid, scope }
  }

  return {
    start(grant: Grant) {
      const refreshToken = newTokenValue()
      refresh.set(refreshToken, { grant, expiresAt: clock.now() + refreshLifeMs })
      return issue(grant, refreshToken)
    },
    /** @throws {ApiError} 40030, 42002 */
    renew(refreshToken: string, appid: string) {
      const held = refresh.get(refreshToken)
      if (held?.grant.appid !== appid) throw new ApiError(40030, 'no refresh_token of this account')
      if (clock.now() >= held.expiresAt) throw new ApiError(42002, 'the refresh_token is older than 30 days')
      return issue(held.grant, refreshToken)
    },
    knows: (accessToken: string): boolean => access.has(accessToken),
    /** @throws {ApiError} 40014, 40001, 42001, 40003 */
    check(accessToken: string, openid: string): Grant {
      const held = access.get(accessToken)
      if (!held && !looksLikeToken(accessToken)) throw new ApiError(40014, 'the access_token does not look like one')
      if (!held) throw new ApiError(40001, 'no access_token of web authorisation; that of the server API does not serve here')
      if (clock.now() >= held.expiresAt) throw new ApiError(42001, 'the access_token is older than two hours')
      if (held.grant.openid !== openid) throw new ApiError(40003, 'the access_token is for another openid')
      return held.grant
    },
    clear(): void {
      access.clear()
      refresh.clear()
    },
  }
}
