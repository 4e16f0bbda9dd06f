import { WechatUnknownOutcomeError } from '../errors.ts'
import type { RefundQuery, RefundQueryAnswer } from '../port.ts'
import { readAnswer, type Call } from './call.ts'
import { refusal } from './refusal.ts'
import { findRefund } from './refundFields.ts'

const path = '/pay/refundquery'

/** @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_5 @throws {WechatRefusedError} @throws {WechatUnknownOutcomeError} */
export async function queryRefund(call: Call, by: RefundQuery): Promise<RefundQueryAnswer> {
  const asked = by.refundId === undefined ? { out_refund_no: by.outRefundNo } : { refund_id: by.refundId }
  const answer = await call(path, { ...(by.appId !== undefined && { appid: by.appId }), ...asked })
  const { raw } = answer
  if (answer.result === 'refused') {
    if (answer.code === 'REFUNDNOTEXIST') return { state: 'not-found', raw }
    throw refusal(path, answer)
  }
  const refund = readAnswer(path, raw, () => findRefund(answer.fields, by))
  if (!refund) throw new WechatUnknownOutcomeError(path, new Error('the answer is about another refund'), { raw })
  return { state: 'found', refund, raw }
}
