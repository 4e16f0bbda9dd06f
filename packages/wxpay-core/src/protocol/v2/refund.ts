import { WechatRefusedError, WechatUnknownOutcomeError, type RefusalMeaning } from '../errors.ts'
import type { RefundAnswer, RefundRequest } from '../port.ts'
import { differenceOf } from '../refundCheck.ts'
import { readAnswer, type Answer, type Call } from './call.ts'
import { readAcceptedRefund } from './refundFields.ts'

const path = '/secapi/pay/refund'

/**
 * Asks for a refund, or asks again: the same request under the same number refunds once. Accepted is not done: query it.
 *
 * @param call - over connections with the merchant's certificate
 * @throws {WechatRefusedError} @throws {WechatUnknownOutcomeError}
 * @see https://pay.weixin.qq.com/doc/v2/partner/4011984092
 */
export async function refund(call: Call, request: RefundRequest): Promise<RefundAnswer> {
  const answer = await call(path, fieldsOf(request))
  if (answer.result === 'refused') throw refusalOf(answer)
  const { fields, raw } = answer
  const refunded = readAnswer(path, raw, () => readAcceptedRefund(fields))
  const difference = differenceOf(request, refunded)
  if (difference !== undefined) throw new WechatUnknownOutcomeError(path, new Error(`the answer is about another ${difference}`), { raw })
  return { refund: refunded, raw }
}

/** A pure function of the stored request, so that a repeat is the same call. The payment is named by WeChat's number: of two, that one counts. */
function fieldsOf(request: RefundRequest): Record<string, string> {
  return {
    ...(request.appId !== undefined && { appid: request.appId }),
    transaction_id: request.transactionId,
    out_refund_no: request.outRefundNo,
    total_fee: String(request.totalFen),
    refund_fee: String(request.refundFen),
    ...(request.reason && { refund_desc: request.reason }),
    notify_url: request.notifyUrl,
  }
}

const meanings = new Map<string, RefusalMeaning>([
  ['NOTENOUGH', 'not-enough-funds'],
  ['NOT_ENOUGH', 'not-enough-funds'],
  ['REFUND_FEE_MISMATCH', 'number-in-use'],
  ['TRADE_OVERDUE', 'too-late'],
  ['ORDER_NOT_READY', 'not-ready'],
  ['ORDERNOTEXIST', 'not-ready'], // "unknown or unpaid", and what is refunded here has been paid
])

/** About our settings, not about the refund. Nothing was done this time; it is repeated until they are right, as v3's 401 is. */
const settingFaults = new Set(['CERT_ERROR', 'NOAUTH', 'SIGNERROR', 'APPID_NOT_EXIST', 'MCHID_NOT_EXIST', 'APPID_MCHID_NOT_MATCH'])

function refusalOf({ code, description, raw }: Extract<Answer, { result: 'refused' }>): Error {
  if (settingFaults.has(code)) return new WechatUnknownOutcomeError(path, new Error(`${code} ${description}`.trimEnd()), { raw })
  return new WechatRefusedError(path, { meaning: meanings.get(code) ?? 'other', code, description, raw })
}
