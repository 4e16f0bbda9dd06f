import type { CloseAnswer } from '../port.ts'
import type { Call } from './call.ts'
import { refusal } from './refusal.ts'

const path = '/pay/closeorder'

// Refusals that tell what the trade's state is.
const states = new Map<string, CloseAnswer['state']>([
  ['ORDERCLOSED', 'closed'],
  ['ORDERPAID', 'paid'],
  ['ORDERNOTEXIST', 'not-found'],
])

/** @see https://pay.weixin.qq.com/doc/v2/merchant/4011987803 @throws {WechatRefusedError} @throws {WechatUnknownOutcomeError} */
export async function close(call: Call, outTradeNo: string, appId?: string): Promise<CloseAnswer> {
  const answer = await call(path, { ...(appId !== undefined && { appid: appId }), out_trade_no: outTradeNo })
  if (answer.result === 'done') return { state: 'closed', raw: answer.raw }
  const state = states.get(answer.code)
  if (!state) throw refusal(path, answer)
  return { state, raw: answer.raw }
}
