import { WechatRefusedError, WechatUnknownOutcomeError, type RefusalMeaning } from '../errors.ts'
import type { Answer } from './call.ts'
import { plainCode } from './errorBody.ts'

// Without their underscores.
const meanings = new Map<string, RefusalMeaning>([
  ['NOTENOUGH', 'not-enough-funds'],
  ['REFUNDFEEMISMATCH', 'number-in-use'],
  ['TRADEOVERDUE', 'too-late'],
  ['ORDERNOTREADY', 'not-ready'],
  ['ORDERNOTEXIST', 'not-ready'],
  ['RESOURCENOTEXISTS', 'not-ready'], // "unknown or unpaid", also for a while after a payment; what is refunded here has been paid
])

/** About our settings, not about the refund. Nothing was done this time; it is repeated until they are right, as after a 401. */
const settingFaults = new Set(['NOAUTH', 'CERTERROR', 'MCHNOTEXISTS', 'APPIDMCHIDNOTMATCH'])

/** @see https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter3_1_9.shtml */
export function refundRefusal(
  path: string,
  { code, description, raw, requestId }: Extract<Answer, { result: 'refused' }>,
): WechatRefusedError | WechatUnknownOutcomeError {
  const plain = plainCode(code)
  if (settingFaults.has(plain))
    return new WechatUnknownOutcomeError(path, new Error(`${code} ${description}`.trimEnd()), { raw, requestId })
  return new WechatRefusedError(path, { meaning: meanings.get(plain) ?? 'other', code, description, raw, requestId })
}
