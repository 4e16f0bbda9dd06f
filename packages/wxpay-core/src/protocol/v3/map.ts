import { toFen, type Fen } from '../../money.ts'
import type { V3TradeState } from '../../wire/index.ts'
import { FieldError } from '../fieldError.ts'
import type { PaidTrade } from '../port.ts'
import { readObject, readOptionalNumber, readOptionalObject, readOptionalText, readText, type JsonObject } from './json.ts'
import { fromRfc3339 } from './rfc3339.ts'

/**
 * The facts of a payment, from a notice or from the answer to a query. The object must have been verified.
 *
 * Only the two numbers, the amount and the time are required: a payment must not be turned away for ever for want of what it is not
 * booked by. Without payer_total no coupon is known of, so the payer paid the total. What is there must be readable.
 *
 * @throws {FieldError}
 */
export function readPaidTrade(transaction: JsonObject): PaidTrade {
  const amount = readObject(transaction, 'amount')
  const payer = readOptionalObject(transaction, 'payer')
  const totalFen = readFen(amount, 'total')
  if (totalFen === undefined) throw new FieldError('total', 'missing')
  return {
    outTradeNo: readText(transaction, 'out_trade_no'),
    transactionId: readText(transaction, 'transaction_id'),
    totalFen,
    currency: readOptionalText(amount, 'currency') ?? 'CNY', // the documented default
    payerFen: readFen(amount, 'payer_total') ?? totalFen,
    paidAt: readTime(transaction, 'success_time'),
    openId: (payer && readOptionalText(payer, 'openid')) ?? null,
  }
}

/** @throws {FieldError} when it is there and not a whole number of fen */
export function readFen(amount: JsonObject, name: string): Fen | undefined {
  const fen = readOptionalNumber(amount, name)
  if (fen === undefined) return undefined
  if (!Number.isSafeInteger(fen) || fen < 0) throw new FieldError(name, 'unreadable')
  return toFen(fen)
}

/** @throws {FieldError} when it is absent or not a moment */
export function readTime(transaction: JsonObject, name: string): Date {
  const time = fromRfc3339(readText(transaction, name))
  if (!time) throw new FieldError(name, 'unreadable')
  return time
}

type TradeState = { state: 'paid'; refunded: boolean } | { state: 'pending' } | { state: 'closed' }

// REFUND: it was paid, and a refund, if only of a part, was asked for. REVOKED is final, like CLOSED.
const tradeStates = new Map<string, TradeState>(
  Object.entries({
    SUCCESS: { state: 'paid', refunded: false },
    REFUND: { state: 'paid', refunded: true },
    NOTPAY: { state: 'pending' },
    USERPAYING: { state: 'pending' },
    PAYERROR: { state: 'pending' },
    ACCEPT: { state: 'pending' },
    CLOSED: { state: 'closed' },
    REVOKED: { state: 'closed' },
  } satisfies Record<V3TradeState, TradeState>),
)

/** @throws {FieldError} for a state that WeChat does not document: it must not be taken for any of ours */
export function readTradeState(transaction: JsonObject): TradeState {
  const state = tradeStates.get(readText(transaction, 'trade_state'))
  if (!state) throw new FieldError('trade_state', 'unreadable')
  return state
}
