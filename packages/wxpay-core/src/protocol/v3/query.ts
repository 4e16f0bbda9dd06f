import type { Account } from '../account.ts'
import { WechatUnknownOutcomeError } from '../errors.ts'
import type { QueryAnswer, TradeQuery } from '../port.ts'
import { readAnswer, traceOf, type Call } from './call.ts'
import { plainCode } from './errorBody.ts'
import { readText, type JsonObject } from './json.ts'
import { readPaidTrade, readTradeState } from './map.ts'
import { refusal } from './refusal.ts'

/**
 * `not-found` comes unsigned, like every refusal. The caller must not conclude more from it than that nothing was taken so far: it closes
 * a payment only when no code was shown, or when the time in which it could be paid is over, and a notice that comes later still counts.
 *
 * @throws {WechatRefusedError} @throws {WechatUnknownOutcomeError}
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012791859
 */
export async function query(call: Call, { mchId, isOurs }: Account, by: TradeQuery): Promise<QueryAnswer> {
  const [kind, name, asked] =
    'outTradeNo' in by ? (['out-trade-no', 'out_trade_no', by.outTradeNo] as const) : (['id', 'transaction_id', by.transactionId] as const)
  const path = `/v3/pay/transactions/${kind}/${encodeURIComponent(asked)}`
  const answer = await call({ method: 'GET', path: `${path}?mchid=${encodeURIComponent(mchId)}` })
  if (answer.result === 'refused') {
    if (plainCode(answer.code) === 'ORDERNOTEXIST') return { state: 'not-found', ...traceOf(answer) }
    throw refusal(path, answer)
  }
  const { json } = answer
  return readAnswer(path, answer, () => {
    // A verified answer about another trade must not be taken for an answer about this one.
    const isOther = readText(json, name) !== asked || !isOurs(readText(json, 'appid')) || readText(json, 'mchid') !== mchId
    if (isOther) throw new WechatUnknownOutcomeError(path, new Error(`the answer is about another ${name}, appid or mchid`), answer)
    return { ...readState(json), ...traceOf(answer) }
  })
}

function readState(json: JsonObject) {
  const trade = readTradeState(json)
  if (trade.state === 'paid') return { ...trade, trade: readPaidTrade(json) }
  return { state: trade.state, outTradeNo: readText(json, 'out_trade_no') }
}
