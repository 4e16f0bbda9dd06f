import type { QueryAnswer, TradeQuery } from '../port.ts'
import { WechatUnknownOutcomeError } from '../errors.ts'
import { readAnswer, type Call } from './call.ts'
import { readPaidTrade, readText, readTradeState } from './map.ts'
import { refusal } from './refusal.ts'
import type { Fields } from './sign.ts'

const path = '/pay/orderquery'

/** @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_2 @throws {WechatRefusedError} @throws {WechatUnknownOutcomeError} */
export async function query(call: Call, by: TradeQuery): Promise<QueryAnswer> {
  const [name, asked] = 'outTradeNo' in by ? (['out_trade_no', by.outTradeNo] as const) : (['transaction_id', by.transactionId] as const)
  // That an order can be found under another appid than its own is written nowhere.
  const answer = await call(path, { ...(by.appId !== undefined && { appid: by.appId }), [name]: asked })
  const { raw } = answer
  if (answer.result === 'refused') {
    if (answer.code === 'ORDERNOTEXIST') return { state: 'not-found', raw }
    throw refusal(path, answer)
  }
  // A verified answer about another trade must not be taken for an answer about this one.
  if (answer.fields.get(name) !== asked)
    throw new WechatUnknownOutcomeError(path, new Error(`the answer is about another ${name}`), { raw })
  return readAnswer(path, raw, () => readQueryAnswer(answer.fields, raw))
}

function readQueryAnswer(fields: Fields, raw: string): QueryAnswer {
  const trade = readTradeState(fields)
  if (trade.state === 'paid') return { ...trade, trade: readPaidTrade(fields), raw }
  return { state: trade.state, outTradeNo: readText(fields, 'out_trade_no'), raw }
}
