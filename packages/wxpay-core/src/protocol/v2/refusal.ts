import { WechatRefusedError, type RefusalMeaning } from '../errors.ts'
import type { Answer } from './call.ts'

const meanings = new Map<string, RefusalMeaning>([
  ['ORDERPAID', 'paid'],
  ['ORDERCLOSED', 'closed'],
  ['OUT_TRADE_NO_USED', 'number-in-use'],
])

/** Puts v2's codes into words that every protocol has. */
export function refusal(path: string, { code, description, raw }: Extract<Answer, { result: 'refused' }>): WechatRefusedError {
  return new WechatRefusedError(path, { meaning: meaningOf(code, description), code, description, raw })
}

/**
 * INVALID_REQUEST is any broken rule; that the number was used with other parameters is told by its words only ("201 商户订单号重复").
 *
 * @see https://pay.weixin.qq.com/doc/v2/merchant/4011936530
 */
function meaningOf(code: string, description: string): RefusalMeaning {
  if (code === 'INVALID_REQUEST' && description.includes('商户订单号重复')) return 'number-in-use'
  return meanings.get(code) ?? 'other'
}
