import type { Merchant } from '../merchants.ts'
import { internalCodes, Refused } from './refusal.ts'

/** The merchant who signed must be the one who is spoken of. @throws {Refused} 400 PARAM_ERROR */
export function checkMchid(named: unknown, { mchid }: Merchant): void {
  if (named === mchid) return
  throw new Refused({
    status: 400,
    code: 'PARAM_ERROR',
    message: 'http header中的mchid与post payload中的mchid不匹配',
    internal: internalCodes.otherMerchant,
  })
}
