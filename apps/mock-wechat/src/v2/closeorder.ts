import type { Backend } from './backend.ts'
import { checkFields, closeorderRules, requireOrderNumber } from './fields.ts'
import type { Call } from './gate.ts'
import { Failed } from './refusal.ts'
import { standing } from '../ledger/trade.ts'
import type { Fields } from './xml.ts'

/** Makes an unpaid number unpayable for good. @throws {Refused | Failed} */
export function closeorder({ fields, merchant, appid }: Call, { ledger, clock, switches }: Backend): Fields {
  const outTradeNo = requireOrderNumber(fields)
  checkFields(fields, closeorderRules)
  const trade = ledger.find(merchant.mchid, outTradeNo)
  if (!trade || trade.appid !== appid) throw new Failed('ORDERNOTEXIST', '订单不存在')
  const state = standing(trade, clock.now())
  if (state === 'paid') throw new Failed('ORDERPAID', '该订单已支付')
  if (state === 'closed' || (state === 'expired' && switches.expiredState === 'CLOSED')) throw new Failed('ORDERCLOSED', '订单已关闭')
  if (clock.now() - trade.createdAt < switches.closeAfterSeconds * 1000) {
    // Which code WeChat would use is not documented; this one stands in the SDKs' lists for "the state does not allow it".
    throw new Failed('TRADE_STATE_ERROR', '订单生成后不能马上调用关单接口，最短调用时间间隔为5分钟', {
      reason: 'younger than MOCK_CLOSE_AFTER_SECONDS',
    })
  }
  ledger.closeTrade(trade)
  return new Map([['result_msg', 'OK']])
}
