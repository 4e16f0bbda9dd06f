import { standing } from '../ledger/trade.ts'
import type { Backend } from './backend.ts'
import { checkFields, mchid, outTradeNo } from './fields.ts'
import type { Call } from './gate.ts'
import { checkMchid } from './identity.ts'
import { internalCodes, orderNotExist, orderPaid, Refused } from './refusal.ts'

/** Makes an unpaid number unpayable for good; closing twice is fine. Answers nothing. @throws {Refused} */
export function close({ body, merchant, parameter }: Call, { ledger, clock, switches, burned }: Backend): undefined {
  checkFields({ out_trade_no: parameter }, { out_trade_no: outTradeNo }, 'uri_template')
  checkFields(body, { mchid }, 'body')
  checkMchid(body['mchid'], merchant)
  const trade = ledger.find(merchant.mchid, parameter)
  if (!trade) {
    if (!switches.closeUnknownBurns) throw orderNotExist()
    burned.add(`${merchant.mchid}/${parameter}`)
    return
  }
  const state = standing(trade, clock.now())
  if (state === 'paid') throw orderPaid(switches.paidCode)
  if (state === 'closed') return
  if (clock.now() - trade.createdAt < switches.closeAfterSeconds * 1000) throw tooEarly()
  ledger.closeTrade(trade)
}

/** The code that merchants report for closing too early. */
const tooEarly = () =>
  new Refused({
    status: 429,
    code: 'FREQUENCY_LIMITED',
    message: '频率限制，订单生成后不能马上关单，请稍后重试',
    reason: 'younger than MOCK_CLOSE_AFTER_SECONDS',
    internal: internalCodes.rate,
  })
