import { tradeState, type Trade } from '../ledger/trade.ts'
import { paidTransaction } from '../notices/transaction.ts'
import { isRefunded } from '../refunds/refund.ts'
import type { Backend } from './backend.ts'
import { checkFields, mchid, outTradeNo, transactionId } from './fields.ts'
import type { Call } from './gate.ts'
import { checkMchid } from './identity.ts'
import { orderNotExist } from './refusal.ts'

/** What WeChat says of a trade, by the merchant's number. @throws {Refused} */
export function queryByOutTradeNo(call: Call, backend: Backend) {
  checkFields({ out_trade_no: call.parameter }, { out_trade_no: outTradeNo }, 'uri_template')
  checkQuery(call)
  return answer(backend.ledger.find(call.merchant.mchid, call.parameter), backend)
}

/** By WeChat's number, which only a paid trade has. @throws {Refused} */
export function queryByTransactionId(call: Call, backend: Backend) {
  checkFields({ transaction_id: call.parameter }, { transaction_id: transactionId }, 'uri_template')
  checkQuery(call)
  const trade = backend.ledger.byTransaction(call.parameter)
  return answer(trade?.mchid === call.merchant.mchid ? trade : undefined, backend)
}

function checkQuery({ query, merchant }: Call): void {
  checkFields(Object.fromEntries(query), { mchid }, 'query')
  checkMchid(query.get('mchid'), merchant)
}

function answer(trade: Trade | undefined, { clock, switches, ledger }: Backend) {
  if (!trade) throw orderNotExist()
  const refunded = isRefunded(ledger.refunds.of(trade), switches.refundState)
  if (trade.payment)
    return refunded ? { ...paidTransaction(trade), trade_state: 'REFUND', trade_state_desc: '转入退款' } : paidTransaction(trade)
  const state = tradeState(trade, clock.now(), { expiredState: switches.v3ExpiredState, refunded })
  return {
    amount: { total: trade.totalFen, currency: 'CNY' },
    appid: trade.appid,
    mchid: trade.mchid,
    out_trade_no: trade.outTradeNo,
    payer: {},
    trade_state: state,
    trade_state_desc: state === 'CLOSED' ? '订单已关闭' : '订单未支付',
  }
}
