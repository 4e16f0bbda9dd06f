import type { PaymentContext } from '../commands/context.ts'
import { findPaymentOf } from '../commands/steps/findPaymentOf.ts'
import { findCheckout } from '../storage/checkouts.ts'
import { findOutTradeNo } from '../storage/payments.ts'
import { runTool } from './runTool.ts'

/** WeChat's numbers have 28 digits; ours have letters among their 26 characters. */
const transactionNumber = /^\d{28}$/

/** Asks WeChat about an order, by our number or WeChat's, and prints its answer beside our state. Changes nothing. */
async function query(payments: PaymentContext, number: string): Promise<number> {
  const { store, wechat } = payments
  const by = transactionNumber.test(number) ? { transactionId: number } : { outTradeNo: number }
  const answer = await wechat.query(by)
  console.log('WeChat:', JSON.stringify(withoutRaw(answer), null, 2))
  const reported = answer.state === 'paid' ? answer.trade.outTradeNo : answer.state === 'not-found' ? undefined : answer.outTradeNo
  const outTradeNo = reported ?? ('outTradeNo' in by ? by.outTradeNo : await findOutTradeNo(store.db, by.transactionId))
  const checkout = outTradeNo === undefined ? undefined : await findCheckout(store.db, { outTradeNo })
  if (!checkout || outTradeNo === undefined) {
    console.log('Ours: no payment has this number')
    return 1
  }
  const { order } = checkout
  const { id: _id, orderId: _orderId, openId: _openId, action: _action, ...payment } = findPaymentOf(checkout, outTradeNo)
  console.log('Ours:', JSON.stringify({ orderNo: order.orderNo, orderStatus: order.status, payment }, null, 2))
  return 0
}

/** Openids stay out of terminals and their logs. */
function withoutRaw(answer: Awaited<ReturnType<PaymentContext['wechat']['query']>>): object {
  const { raw: _raw, ...facts } = answer
  if (facts.state !== 'paid') return facts
  const { openId: _openId, ...trade } = facts.trade
  return { ...facts, trade }
}

const [number] = process.argv.slice(2)
if (number === undefined) {
  console.error('usage: query NUMBER    (our out_trade_no, or WeChat’s transaction_id)')
  process.exitCode = 2
} else {
  await runTool((payments) => query(payments, number))
}
