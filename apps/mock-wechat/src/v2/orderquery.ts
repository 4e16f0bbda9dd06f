import { tradeState, type Trade } from '../ledger/trade.ts'
import type { Backend } from './backend.ts'
import { checkFields, orderqueryRules, requireOrderNumber } from './fields.ts'
import type { Call } from './gate.ts'
import { paidFields } from './paidFields.ts'
import { Failed } from './refusal.ts'
import type { Fields } from './xml.ts'

/** What WeChat says of a trade, by its own number or the merchant's; its own wins. @throws {Refused | Failed} */
export function orderquery(call: Call, backend: Backend): Fields {
  checkFields(call.fields, orderqueryRules)
  const trade = find(call, backend)
  if (!trade || trade.mchid !== call.merchant.mchid || trade.appid !== call.appid) throw new Failed('ORDERNOTEXIST', '订单不存在')
  return new Map([...deviceInfo(trade), ...body(trade, backend)])
}

function find({ fields, merchant }: Call, { ledger }: Backend): Trade | undefined {
  const transactionId = fields.get('transaction_id')
  return transactionId ? ledger.byTransaction(transactionId) : ledger.find(merchant.mchid, requireOrderNumber(fields))
}

const deviceInfo = (trade: Trade): [string, string][] => (trade.deviceInfo === null ? [] : [['device_info', trade.deviceInfo]])

function body(trade: Trade, { clock, switches }: Backend): [string, string][] {
  if (trade.payment) return [...paidFields(trade, trade.payment), ['trade_state', 'SUCCESS'], ['trade_state_desc', '支付成功']]
  const state = tradeState(trade, clock.now(), switches.expiredState)
  return [
    ['total_fee', String(trade.totalFen)],
    ['out_trade_no', trade.outTradeNo],
    ...(trade.attach === null ? [] : [['attach', trade.attach] satisfies [string, string]]),
    ['trade_state', state],
    ['trade_state_desc', state === 'CLOSED' ? '订单已关闭' : '订单未支付'],
  ]
}
