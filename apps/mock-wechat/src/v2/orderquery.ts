import { tradeState, type Trade, type TradeState } from '../ledger/trade.ts'
import { isRefunded } from '../refunds/refund.ts'
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

const descriptions: Record<TradeState, string> = {
  NOTPAY: '订单未支付',
  SUCCESS: '支付成功',
  CLOSED: '订单已关闭',
  REFUND: '订单发生过退款，退款详情请查询退款单',
}

function body(trade: Trade, { clock, switches, ledger }: Backend): [string, string][] {
  const refunded = isRefunded(ledger.refunds.of(trade), switches.refundState)
  const state = tradeState(trade, clock.now(), { expiredState: switches.expiredState, refunded })
  const where: [string, string][] = [
    ['trade_state', state],
    ['trade_state_desc', descriptions[state]],
  ]
  if (trade.payment) return [...paidFields(trade, trade.payment), ...where]
  return [
    ['total_fee', String(trade.totalFen)],
    ['out_trade_no', trade.outTradeNo],
    ...(trade.attach === null ? [] : [['attach', trade.attach] satisfies [string, string]]),
    ...where,
  ]
}
