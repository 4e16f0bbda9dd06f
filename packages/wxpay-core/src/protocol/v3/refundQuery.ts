import { WechatUnknownOutcomeError } from '../errors.ts'
import type { RefundQuery, RefundQueryAnswer } from '../port.ts'
import { readAnswer, traceOf, type Call } from './call.ts'
import { plainCode } from './errorBody.ts'
import { refundsPath } from './refund.ts'
import { readRefund } from './refundFields.ts'
import { refundRefusal } from './refundRefusal.ts'

/**
 * `not-found` comes unsigned, like every refusal: repeating the refund under its number is all that follows from it.
 *
 * @throws {WechatRefusedError} @throws {WechatUnknownOutcomeError}
 * @see https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter3_1_10.shtml
 */
export async function queryRefund(call: Call, by: RefundQuery): Promise<RefundQueryAnswer> {
  const path = `${refundsPath}/${encodeURIComponent(by.outRefundNo)}`
  const answer = await call({ method: 'GET', path })
  if (answer.result === 'refused') {
    if (plainCode(answer.code) === 'RESOURCENOTEXISTS') return { state: 'not-found', ...traceOf(answer) }
    throw refundRefusal(path, answer)
  }
  const refund = readAnswer(path, answer, () => readRefund(answer.json, 'status'))
  const isOther = refund.outRefundNo !== by.outRefundNo || (by.refundId !== undefined && refund.refundId !== by.refundId)
  if (isOther) throw new WechatUnknownOutcomeError(path, new Error('the answer is about another refund'), answer)
  return { state: 'found', refund, ...traceOf(answer) }
}
