import { WechatPayError, type QueryAnswer, type TradeQuery } from 'wxpay-core/protocol'
import type { PaymentContext } from '../commands/context.ts'
import { findPaymentOf } from '../commands/steps/findPaymentOf.ts'
import { tradeOf } from '../commands/steps/tradeOf.ts'
import { KeysMissingError } from '../commands/steps/wechatGates.ts'
import type { Checkout } from '../domain/order.ts'
import type { Payment } from '../domain/payment.ts'
import type { Refund } from '../domain/refund.ts'
import { findCheckout } from '../storage/checkouts.ts'
import { findPaymentNumber } from '../storage/payments.ts'
import { findRefundsOf } from '../storage/refunds.ts'
import { onlyNumber } from './onlyNumber.ts'
import { runTool } from './runTool.ts'

/** Asks WeChat about an order and prints its answer beside our state, refunds too. Changes nothing. */
async function query(payments: PaymentContext, number: string): Promise<number> {
  const { store } = payments
  const outTradeNo = await findPaymentNumber(store.db, number)
  const ours = outTradeNo === undefined ? undefined : await findCheckout(store.db, { outTradeNo })
  const payment = ours && outTradeNo !== undefined ? findPaymentOf(ours, outTradeNo) : undefined
  const refunds = payment ? await findRefundsOf(store.db, [payment.id]) : []
  console.log('Ours:', ours && payment ? JSON.stringify(shown(ours, payment, refunds), null, 2) : 'no payment has this number')
  try {
    const answer = await ask(payments, number, payment)
    console.log('WeChat:', JSON.stringify(withoutRaw(answer), null, 2))
    return payment ? 0 : 1
  } catch (error) {
    if (!(error instanceof WechatPayError)) throw error
    if (error instanceof KeysMissingError) {
      console.log(`WeChat was not asked: ${error.message}.`)
      return 1
    }
    const cause = error.cause instanceof Error ? ` (${error.cause.message})` : ''
    console.log(`WeChat: no answer that can be trusted${cause}. Nothing was changed; try again.`)
    return 1
  }
}

/** By the protocol that the payment was made with. */
function ask({ wechat }: PaymentContext, number: string, payment: Payment | undefined): Promise<QueryAnswer> {
  if (!payment) return wechat.current.query(unknownNumber(number))
  return wechat.of(payment).query(tradeOf(payment))
}

/** A number that is not ours may be WeChat's, which has 28 digits. */
function unknownNumber(number: string): TradeQuery {
  return /^\d{28}$/.test(number) ? { transactionId: number } : { outTradeNo: number }
}

function shown({ order }: Checkout, payment: Payment, refunds: readonly Refund[]): object {
  const { id: _id, orderId: _orderId, openId: _openId, action: _action, means: _means, ...facts } = payment
  return {
    orderNo: order.orderNo,
    orderStatus: order.status,
    payment: facts,
    refunds: refunds.map(({ id: _ofRefund, paymentId: _ofPayment, ...refund }) => refund),
  }
}

/** Openids stay out of terminals and their logs. */
function withoutRaw(answer: QueryAnswer): object {
  const { raw: _raw, ...facts } = answer
  if (facts.state !== 'paid') return facts
  const { openId: _openId, ...trade } = facts.trade
  return { ...facts, trade }
}

const usage = `usage: query NUMBER    (of the order, of the payment, or WeChat’s)

Asks WeChat about a payment and prints its answer beside our state. Changes nothing. Needs the settings of the service; beside the demo:
  npx -y pnpm@12.21.0 exec node --env-file=.data/demo.env apps/api/src/cli/query.ts NUMBER`

const number = onlyNumber(process.argv.slice(2))
if (number === undefined) {
  console.error(usage)
  process.exitCode = 2
} else {
  await runTool((payments) => query(payments, number))
}
