import type { Merchant } from './control.ts'

/** The openid of a test user under one of the merchant's accounts. */
export function openidAt({ accounts }: Merchant, kind: 'official-account' | 'mini-program' = 'official-account', id = 'payer'): string {
  const openid = accounts.find((account) => account.kind === kind)?.users.find((user) => user.id === id)?.openid
  if (openid === undefined) throw new Error('the mock has no such user')
  return openid
}
