import { toFen, type Fen } from '../../money.ts'
import type { V2TradeState } from '../../wire/index.ts'
import { FieldError } from '../fieldError.ts'
import type { PaidTrade } from '../port.ts'
import { fromBeijingTime } from './beijingTime.ts'
import type { Fields } from './sign.ts'

/**
 * The facts of a payment, from a notice or from the answer to a query. The fields must have been verified.
 *
 * Only the two numbers, the amount and the time are required: a payment must not be turned away for ever for want of what it is not
 * booked by. Without cash_fee no coupon is known of, so the payer paid total_fee. What is there must be readable.
 *
 * @throws {FieldError}
 */
export function readPaidTrade(fields: Fields): PaidTrade {
  const totalFen = readFen(fields, 'total_fee')
  return {
    outTradeNo: readText(fields, 'out_trade_no'),
    transactionId: readText(fields, 'transaction_id'),
    totalFen,
    currency: fields.get('fee_type') || 'CNY', // the documented default
    payerFen: fields.get('cash_fee') ? readFen(fields, 'cash_fee') : totalFen,
    paidAt: readTime(fields, 'time_end'),
    openId: fields.get('openid') || null,
  }
}

/** @throws {FieldError} when it is absent or empty */
export function readText(fields: Fields, name: string): string {
  const text = fields.get(name)
  if (text === undefined || text === '') throw new FieldError(name, 'missing')
  return text
}

/** @throws {FieldError} when it is absent or not a whole number of fen */
export function readFen(fields: Fields, name: string): Fen {
  const text = readText(fields, name)
  const amount = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(amount)) throw new FieldError(name, 'unreadable')
  return toFen(amount)
}

function readTime(fields: Fields, name: string): Date {
  const time = fromBeijingTime(readText(fields, name))
  if (!time) throw new FieldError(name, 'unreadable')
  return time
}

type TradeState = { state: 'paid'; refunded: boolean } | { state: 'pending' } | { state: 'closed' }

// REFUND: it was paid, and a refund, if only of a part, was asked for. REVOKED is final, like CLOSED.
const tradeStates = {
  SUCCESS: { state: 'paid', refunded: false },
  REFUND: { state: 'paid', refunded: true },
  NOTPAY: { state: 'pending' },
  USERPAYING: { state: 'pending' },
  PAYERROR: { state: 'pending' },
  ACCEPT: { state: 'pending' },
  CLOSED: { state: 'closed' },
  REVOKED: { state: 'closed' },
} as const satisfies Record<V2TradeState, TradeState>

/** @throws {FieldError} for a state that WeChat does not document: it must not be taken for any of ours */
export function readTradeState(fields: Fields): TradeState {
  const text = readText(fields, 'trade_state')
  if (!isTradeState(text)) throw new FieldError('trade_state', 'unreadable')
  return tradeStates[text]
}

function isTradeState(text: string): text is V2TradeState {
  return Object.hasOwn(tradeStates, text)
}
