import { isAllowedHost, Scope, type Account } from '../account.ts'
import type { Accounts } from '../accounts.ts'

/** What the page was asked for, checked. */
export interface Authorization {
  account: Account
  /** As it was written, not as a URL parser would write it. */
  redirectUri: string
  scope: Scope
  state: string
}

/** An error page of WeChat's: shown, never redirected. `code` is null where its number is not known. */
export class AuthorizationError extends Error {
  override readonly name = 'AuthorizationError'
  readonly code: number | null
  readonly reason: string

  constructor(code: number | null, text: string, reason: string) {
    super(text)
    this.code = code
    this.reason = reason
  }
}

const order = ['appid', 'redirect_uri', 'response_type', 'scope', 'state', 'forcePopup', 'forceSnapShot']
/** Those with this prefix are the tester's, and stand where they like. */
export const ownPrefix = 'mock_'

/**
 * @param query - as it was sent: the page wants its parameters in WeChat's order
 * @throws {AuthorizationError}
 * @see https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/Wechat_webpage_authorization.html
 */
export function readAuthorization(query: string, accounts: Accounts): Authorization {
  const parameters = new URLSearchParams(query)
  const value = (name: string) => parameters.get(name) ?? ''
  const account = findOfficial(value('appid'), accounts)
  const redirectUri = value('redirect_uri')
  requireRedirect(redirectUri, account)
  if (value('response_type') !== 'code') throw new AuthorizationError(null, '链接无法访问', 'response_type must be code')
  const scope = readScope(value('scope'), account)
  const state = readState(parameters)
  requireOrder([...parameters.keys()].filter((name) => !name.startsWith(ownPrefix)))
  return { account, redirectUri, scope, state }
}

function findOfficial(appid: string, accounts: Accounts): Account {
  if (appid === '') throw new AuthorizationError(10012, 'appid不能为空', 'appid is required')
  const account = accounts.find(appid)?.account
  if (!account) throw new AuthorizationError(null, '该链接无法访问，appid错误', 'no account of this mock has the appid')
  if (account.kind !== 'official-account')
    throw new AuthorizationError(10016, '不支持该Appid，请使用公众号Appid', 'the appid is that of a mini program')
  return account
}

function requireRedirect(redirectUri: string, { oauthDomain }: Account): void {
  if (redirectUri === '') throw new AuthorizationError(10011, 'redirect_uri不能为空', 'redirect_uri is required')
  const address = URL.parse(redirectUri)
  const isHttp = address !== null && /^https?:$/.test(address.protocol)
  if (isHttp && isAllowedHost(address, oauthDomain === null ? null : [oauthDomain])) return
  const expected = oauthDomain ?? 'a loopback host (no oauthDomain is set)'
  throw new AuthorizationError(
    10003,
    'redirect_uri域名与后台配置不一致',
    `${isHttp ? address.host : 'not an http address'} instead of ${expected}`,
  )
}

function readScope(text: string, { scopes }: Account): Scope {
  if (text === '') throw new AuthorizationError(10010, 'scope不能为空', 'scope is required')
  const scope = Scope.safeParse(text)
  if (scope.success && scopes.includes(scope.data)) return scope.data
  throw new AuthorizationError(10005, '该公众号没有这些scope的权限', `the account has ${scopes.join(', ')}`)
}

/** Letters and digits, at most 128: what WeChat does with others is not documented. */
function readState(parameters: URLSearchParams): string {
  const state = parameters.get('state')
  if (state === '') throw new AuthorizationError(10013, 'state不能为空', 'state is there, and empty')
  if (state !== null && !/^[a-zA-Z0-9]{1,128}$/.test(state))
    throw new AuthorizationError(null, '链接无法访问', 'state must be at most 128 letters and digits')
  return state ?? ''
}

function requireOrder(names: readonly string[]): void {
  const places = names.map((name) => order.indexOf(name))
  if (places.every((place, index) => place > (places[index - 1] ?? -1))) return
  throw new AuthorizationError(null, '链接无法访问', `the order must be ${order.slice(0, 5).join(', ')}, each once, and no others`)
}

/** Where the user goes with the code. The fragment stays behind the query. */
export function callbackAddress({ redirectUri, state }: Authorization, code: string): string {
  const hash = redirectUri.indexOf('#')
  const [base, fragment] = hash < 0 ? [redirectUri, ''] : [redirectUri.slice(0, hash), redirectUri.slice(hash)]
  return `${base}${base.includes('?') ? '&' : '?'}code=${code}&state=${state}${fragment}`
}
