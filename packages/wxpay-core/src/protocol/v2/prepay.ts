import type { Prepaid, PrepayRequest } from '../port.ts'
import { toBeijingTime } from './beijingTime.ts'
import { readAnswer, type Call } from './call.ts'
import { readText } from './map.ts'
import { refusal } from './refusal.ts'

const path = '/pay/unifiedorder'

/**
 * Creates a trade at WeChat, or asks again for the code of one: the same request under the same number is one trade.
 *
 * A refusal whose meaning is not `other` tells that the trade exists already: query it.
 *
 * @throws {WechatRefusedError} @throws {WechatUnknownOutcomeError}
 * @see https://pay.weixin.qq.com/doc/v2/merchant/4011936530
 */
export async function prepay(call: Call, request: PrepayRequest): Promise<Prepaid> {
  const answer = await call(path, unifiedOrder(request))
  if (answer.result === 'refused') throw refusal(path, answer)
  // The form of a code is not fixed: it is handed on as it is.
  const codeUrl = readAnswer(path, answer.raw, () => readText(answer.fields, 'code_url'))
  return { action: { tradeType: 'native', codeUrl }, raw: answer.raw }
}

/**
 * A pure function of the stored request, so that a repeat is the same call. `attach`, which WeChat would put into the notice, is not sent:
 * v2 signs "a=1&b=2" without escaping, so text of a shopper's choice must not stand among the fields that a signature covers.
 */
function unifiedOrder(request: PrepayRequest) {
  return {
    body: request.description,
    out_trade_no: request.outTradeNo,
    total_fee: String(request.totalFen),
    spbill_create_ip: request.clientIp,
    time_expire: toBeijingTime(request.expiresAt),
    notify_url: request.notifyUrl,
    trade_type: 'NATIVE',
    // Mandatory for NATIVE, at most 32 characters, without meaning in mode 2: the number of the payment fits and never changes.
    product_id: request.outTradeNo,
  }
}
