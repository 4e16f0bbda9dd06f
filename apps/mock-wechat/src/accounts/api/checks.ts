import type { Account } from '../account.ts'
import type { Accounts } from '../accounts.ts'
import { ApiError, type Errcode } from './apiError.ts'

/** @throws {ApiError} when the parameter is absent or empty */
export function present(query: URLSearchParams, name: string, errcode: Errcode): string {
  const value = query.get(name) ?? ''
  if (value === '') throw new ApiError(errcode, `${name} is required`)
  return value
}

/** @throws {ApiError} 40002 */
export function requireGrantType(value: string | null, expected: string): void {
  if (value !== expected) throw new ApiError(40002, `grant_type must be ${expected}`)
}

/** @throws {ApiError} 40013 */
export function findAccount(accounts: Accounts, appid: string): Account {
  const found = accounts.find(appid)
  if (!found) throw new ApiError(40013, 'no account of this mock has the appid')
  return found.account
}

/** @throws {ApiError} 40013, 40125 */
export function admit(accounts: Accounts, { appid, secret }: { appid: string; secret: string }): Account {
  const account = findAccount(accounts, appid)
  if (account.secret !== secret) throw new ApiError(40125, `not the secret of ${appid}`)
  return account
}

/** The list of addresses in the account's console. Mini programs are exempt. @throws {ApiError} 40164 */
export function requireListed({ kind, ipList }: Account, ip: string): void {
  if (kind === 'mini-program' || ipList === null || ipList.includes(ip)) return
  throw new ApiError(40164, 'the address is not in ipList', `invalid ip ${ip} ipv6 ::ffff:${ip}, not in whitelist`)
}
