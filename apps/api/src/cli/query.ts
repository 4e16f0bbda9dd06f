import { WechatPayError, type TradeQuery } from 'wxpay-core/protocol'
import type { PaymentContext } from '../commands/context.ts'
import { findPaymentOf } from '../commands/steps/findPaymentOf.ts'
import type { Checkout } from '../domain/order.ts'
import { findCheckout } from '../storage/checkouts.ts'
import { findPaymentNumber } from '../storage/payments.ts'
import { runTool } from './runTool.ts'

/** Asks WeChat about an order and prints its answer beside our state. Changes nothing. */
async function query(payments: PaymentContext, number: string): Promise<number> {
  const { store, wechat } = payments
  const outTradeNo = await findPaymentNumber(store.db, number)
  const ours = outTradeNo === undefined ? undefined : await findCheckout(store.db, { outTradeNo })
  console.log('Ours:', ours && outTradeNo !== undefined ? JSON.stringify(shown(ours, outTradeNo), null, 2) : 'no payment has this number')
  try {
    const answer = await wechat.query(outTradeNo === undefined ? unknownNumber(number) : { outTradeNo })
    console.log('WeChat:', JSON.stringify(withoutRaw(answer), null, 2))
    return ours ? 0 : 1
  } catch (error) {
    if (!(error instanceof WechatPayError)) throw error
    const cause = error.cause instanceof Error ? ` (${error.cause.message})` : ''
    console.log(`WeChat: no answer that can be trusted${cause}. Nothing was changed; try again.`)
    return 1
  }
}

/** A number that is not ours may be WeChat's, which has 28 digits. */
function unknownNumber(number: string): TradeQuery {
  return /^\d{28}$/.test(number) ? { transactionId: number } : { outTradeNo: number }
}

function shown(checkout: Checkout, outTradeNo: string): object {
  const { order } = checkout
  const { id: _id, orderId: _orderId, openId: _openId, action: _action, ...payment } = findPaymentOf(checkout, outTradeNo)
  return { orderNo: order.orderNo, orderStatus: order.status, payment }
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
  console.error('usage: query NUMBER    (of the order, of the payment, or WeChat’s)')
  process.exitCode = 2
} else {
  await runTool((payments) => query(payments, number))
}
