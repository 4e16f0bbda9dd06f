import type { AppContext } from './state.ts'

export interface Cookie {
  name: string
  /** Of base64url's characters. */
  value: string
  path: string
  /** 0 takes the cookie away. */
  maxAgeMs: number
  /** Whether the shop is on https: we speak http ourselves, behind a proxy. */
  https: boolean
}

/** No script reads it, and no other site's form sends it. */
export function setCookie(ctx: Pick<AppContext, 'append'>, { name, value, path, maxAgeMs, https }: Cookie): void {
  const flags = `HttpOnly; SameSite=Lax${https ? '; Secure' : ''}`
  ctx.append('Set-Cookie', `${name}=${value}; Path=${path}; Max-Age=${Math.floor(maxAgeMs / 1000)}; ${flags}`)
}

export function cookieOf(ctx: Pick<AppContext, 'cookies'>, name: string): string | null {
  return ctx.cookies.get(name) ?? null
}
