import type { Clock } from '../../clock.ts'
import type { Scope } from '../account.ts'
import { base62, randomText } from '../../support/random.ts'
import { ApiError } from './apiError.ts'

/** What a code stands for: who gave it, to which account, and what the account may ask. */
export interface Grant {
  appid: string
  /** From the authorisation page, or from wx.login. */
  from: 'web' | 'login'
  personId: string
  openid: string
  scope: Scope
  /** A visitor of a snapshot page: the openid is made up. */
  snapshot?: boolean
  /** WeChat takes the user for a risk: 40226. */
  blocked?: boolean
}

interface Code extends Grant {
  expiresAt: number
  used: boolean
}

/** 网页授权 and wx.login: five minutes, one use. */
const lifeMs = 300_000
/** A code is remembered so long, to say what was wrong with it. */
const memoryMs = 86_400_000

export type Codes = ReturnType<typeof createCodes>

export function createCodes(clock: Clock) {
  const codes = new Map<string, Code>()

  function forgetOld(): void {
    for (const [value, { expiresAt }] of codes) {
      if (clock.now() - expiresAt < memoryMs) return // in order of their making
      codes.delete(value)
    }
  }

  return {
    issue(grant: Grant): string {
      forgetOld()
      const value = `0${randomText(base62, 31)}`
      codes.set(value, { ...grant, expiresAt: clock.now() + lifeMs, used: false })
      return value
    },
    /**
     * Uses it up. A late code of the web is 42003, a late one of wx.login 40029: WeChat's lists of errors differ so.
     *
     * @throws {ApiError} 40029, 40163, 42003, 40226
     */
    redeem(value: string, { appid, from }: Pick<Grant, 'appid' | 'from'>): Grant {
      const code = codes.get(value)
      if (!code) throw new ApiError(40029, 'nobody was given this code')
      if (code.appid !== appid) throw new ApiError(40029, `the code is for ${code.appid}`)
      if (code.from !== from) throw new ApiError(40029, `the code is from ${code.from === 'web' ? 'the authorisation page' : 'wx.login'}`)
      if (code.used) throw new ApiError(40163, 'the code was used before')
      if (clock.now() >= code.expiresAt) throw new ApiError(from === 'web' ? 42003 : 40029, 'the code is older than five minutes')
      if (code.blocked) throw new ApiError(40226, 'the code was ordered to be refused')
      code.used = true
      return code
    },
    clear: () => codes.clear(),
  }
}
