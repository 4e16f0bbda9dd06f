import type { V3NativePrepay } from '../../wire/index.ts'
import type { Prepaid, PrepayRequest } from '../port.ts'
import { readAnswer, traceOf, type Call } from './call.ts'
import { readText } from './json.ts'
import { refusal } from './refusal.ts'
import { toRfc3339 } from './rfc3339.ts'

const path = '/v3/pay/transactions/native'

export interface Account {
  appId: string
  mchId: string
}

/**
 * Creates a trade at WeChat, or asks again for the code of one: the same request under the same number is one trade.
 *
 * A refusal whose meaning is not `other` tells that the trade exists already: query it.
 *
 * @throws {WechatRefusedError} @throws {WechatUnknownOutcomeError}
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012791877
 */
export async function prepay(call: Call, account: Account, request: PrepayRequest): Promise<Prepaid> {
  const answer = await call({ method: 'POST', path, body: JSON.stringify(nativePrepay(account, request)) })
  if (answer.result === 'refused') throw refusal(path, answer)
  // The form of a code is not fixed: it is handed on as it is.
  const codeUrl = readAnswer(path, answer, () => readText(answer.json, 'code_url'))
  return { action: { tradeType: 'native', codeUrl }, ...traceOf(answer) }
}

/** A pure function of the stored request, so that a repeat is the same call. clientIp is v2's: here it would have to be the payer's. */
function nativePrepay({ appId, mchId }: Account, request: PrepayRequest): V3NativePrepay {
  return {
    appid: appId,
    mchid: mchId,
    description: request.description,
    out_trade_no: request.outTradeNo,
    time_expire: toRfc3339(request.expiresAt),
    notify_url: request.notifyUrl,
    amount: { total: request.totalFen, currency: 'CNY' },
  }
}
