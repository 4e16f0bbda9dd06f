import type { V3RefundRequest } from '../../wire/index.ts'
import { WechatUnknownOutcomeError } from '../errors.ts'
import type { RefundAnswer, RefundRequest } from '../port.ts'
import { differenceOf } from '../refundCheck.ts'
import { readAnswer, traceOf, type Call } from './call.ts'
import { readRefund } from './refundFields.ts'
import { refundRefusal } from './refundRefusal.ts'

export const refundsPath = '/v3/refund/domestic/refunds'

/**
 * Asks for a refund, or asks again: the same request under the same number refunds once. Accepted is not done, unless the state says so.
 *
 * @throws {WechatRefusedError} @throws {WechatUnknownOutcomeError}
 * @see https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter3_1_9.shtml
 */
export async function refund(call: Call, request: RefundRequest): Promise<RefundAnswer> {
  const answer = await call({ method: 'POST', path: refundsPath, body: JSON.stringify(bodyOf(request)) })
  if (answer.result === 'refused') throw refundRefusal(refundsPath, answer)
  const refunded = readAnswer(refundsPath, answer, () => readRefund(answer.json, 'status'))
  const difference = differenceOf(request, refunded)
  if (difference !== undefined)
    throw new WechatUnknownOutcomeError(refundsPath, new Error(`the answer is about another ${difference}`), answer)
  return { refund: refunded, ...traceOf(answer) }
}

/** A pure function of the stored request, so that a repeat is the same call. v3 names no appid here. */
function bodyOf(request: RefundRequest): V3RefundRequest {
  return {
    transaction_id: request.transactionId,
    out_refund_no: request.outRefundNo,
    ...(request.reason && { reason: request.reason }),
    notify_url: request.notifyUrl,
    amount: { refund: request.refundFen, total: request.totalFen, currency: 'CNY' },
  }
}
