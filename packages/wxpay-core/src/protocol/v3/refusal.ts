import { WechatRefusedError, type RefusalMeaning } from '../errors.ts'
import type { Answer } from './call.ts'
import { plainCode } from './errorBody.ts'

const meanings = new Map<string, RefusalMeaning>([
  ['ORDERPAID', 'paid'],
  ['ORDERCLOSED', 'closed'],
  ['OUTTRADENOUSED', 'number-in-use'],
])

/** Puts v3's codes into words that every protocol has. */
export function refusal(path: string, { code, description, raw, requestId }: Extract<Answer, { result: 'refused' }>): WechatRefusedError {
  return new WechatRefusedError(path, { meaning: meaningOf(code, description), code, description, raw, requestId })
}

/**
 * INVALID_REQUEST is any broken rule; its words alone tell that the number is in use with other parameters, or was paid.
 *
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012791877
 */
function meaningOf(code: string, description: string): RefusalMeaning {
  const plain = plainCode(code)
  if (plain === 'INVALIDREQUEST') {
    if (description.includes('请求重入') || description.includes('商户订单号重复')) return 'number-in-use'
    if (description.includes('订单已支付')) return 'paid'
  }
  return meanings.get(plain) ?? 'other'
}
