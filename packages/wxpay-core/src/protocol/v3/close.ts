import type { V3Close } from '../../wire/index.ts'
import type { CloseAnswer } from '../port.ts'
import { traceOf, type Call } from './call.ts'
import { plainCode } from './errorBody.ts'
import { refusal } from './refusal.ts'

// Refusals that tell what the trade's state is, without their underscores.
const states = new Map<string, CloseAnswer['state']>([
  ['ORDERCLOSED', 'closed'],
  ['ORDERPAID', 'paid'],
  ['ORDERNOTEXIST', 'not-found'],
])

/**
 * The state that a refusal tells comes unsigned: the caller asks again by query before it concludes anything (rule R14).
 *
 * @throws {WechatRefusedError} @throws {WechatUnknownOutcomeError}
 * @see https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter3_4_3.shtml
 */
export async function close(call: Call, mchId: string, outTradeNo: string): Promise<CloseAnswer> {
  const path = `/v3/pay/transactions/out-trade-no/${encodeURIComponent(outTradeNo)}/close`
  const body: V3Close = { mchid: mchId }
  const answer = await call({ method: 'POST', path, body: JSON.stringify(body) })
  if (answer.result === 'done') return { state: 'closed', ...traceOf(answer) }
  const state = states.get(plainCode(answer.code))
  if (!state) throw refusal(path, answer)
  return { state, ...traceOf(answer) }
}
