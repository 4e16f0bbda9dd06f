import type { AccountCommands } from '../commands/accountCommands.ts'
import type { Payer } from '../domain/payer.ts'
import { cookieOf } from './cookies.ts'
import type { AppContext } from './state.ts'

/** After web authorisation, in WeChat's browser. */
export const payerCookie = 'wxpay_payer'

/** Who is calling, as WeChat told our server: the only place that an openid may come from. Nothing in a body or an address counts. */
export type FindPayer = (ctx: Pick<AppContext, 'headers' | 'cookies'>) => Promise<Payer | null>

/** The mini program sends its login token as a bearer token; a browser has the cookie. Neither does for the other. */
export function createFindPayer({ findPayer }: Pick<AccountCommands, 'findPayer'>): FindPayer {
  return async (ctx) => {
    const bearer = bearerOf(ctx.headers.authorization)
    if (bearer !== null) return findPayer(bearer, 'mini-program')
    const cookie = cookieOf(ctx, payerCookie)
    return cookie === null ? null : findPayer(cookie, 'official-account')
  }
}

/** RFC 6750, section 2.1. */
export function bearerOf(authorization: string | undefined): string | null {
  return /^Bearer +([\w.~+/-]+=*) *$/i.exec(authorization ?? '')?.[1] ?? null
}
