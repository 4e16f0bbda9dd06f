import { type Trade, type TradePayment } from '../ledger/trade.ts'
import { RefundProblem } from './problem.ts'
import { takenFen, type Refund } from './refund.ts'

/** What a call or a person asks for. */
export interface RefundWish {
  trade: Trade
  payment: TradePayment
  origin: Refund['origin']
  outRefundNo: string
  /** What the caller believes the trade's amount to be. */
  totalFen: number
  refundFen: number
  reason: string | null
  notifyUrl: string | null
  fundsAccount: Refund['fundsAccount']
}

const dayMs = 86_400_000
/** 申请退款, APIv3 */
export const limits = { ageMs: 365 * dayMs, perOrder: 50, intervalMs: 60_000 }

/** The amount of the order comes first: it is wrong in a first call and in a repeat alike. @throws {RefundProblem} */
export function checkTotal({ totalFen, trade }: RefundWish): void {
  if (totalFen !== trade.totalFen) throw new RefundProblem('other-total', `the order has ${trade.totalFen} fen, not ${totalFen}`)
}

/**
 * A number that is known already: it refunds once, and only to the same order and by the same amount.
 * v3 says "the same parameters": there the reason and the address count too.
 *
 * @throws {RefundProblem}
 */
export function checkRepeat(known: Refund, { trade, origin, refundFen, reason, notifyUrl }: RefundWish): void {
  const changed = [
    ...(known.outTradeNo === trade.outTradeNo ? [] : ['order']),
    ...(known.refundFen === refundFen ? [] : ['amount']),
    ...(origin === 'v2' || known.reason === reason ? [] : ['reason']),
    ...(origin === 'v2' || known.notifyUrl === notifyUrl ? [] : ['notify_url']),
  ]
  if (changed.length > 0) throw new RefundProblem('other-parameters', `the refund number was used with another ${changed.join(', ')}`)
}

/**
 * What a new number must keep to. WeChat counts every accepted refund of an order, closed ones too, towards 50 and the minute (our reading).
 *
 * @param earlier - of the same order, in the order of their acceptance
 * @param fundsFen - null: no limit
 * @throws {RefundProblem}
 */
export function checkNew(
  wish: RefundWish,
  { earlier, now, fundsFen }: { earlier: readonly Refund[]; now: number; fundsFen: number | null },
): void {
  const { trade, payment, refundFen, origin } = wish
  const leftFen = trade.totalFen - takenFen(earlier)
  const last = earlier.at(-1)
  if (now - payment.paidAt > limits.ageMs) throw new RefundProblem('overdue', 'the order was paid more than 365 days ago')
  if (leftFen === 0) throw new RefundProblem('all-refunded', 'nothing of the order is left')
  if (refundFen > leftFen) throw new RefundProblem('too-much', `${leftFen} fen of the order are left, ${refundFen} were asked for`)
  if (earlier.length >= limits.perOrder) throw new RefundProblem('too-many', `the order has ${earlier.length} refunds already`)
  if (origin !== 'portal' && last && now - last.acceptedAt < limits.intervalMs)
    throw new RefundProblem('too-soon', `the last refund of the order was taken ${now - last.acceptedAt} ms ago`)
  if (fundsFen !== null && refundFen > fundsFen) throw new RefundProblem('not-enough', `the merchant has ${fundsFen} fen to give back`)
}

/**
 * Where the result goes, and in which form: v3's only when a v3 call gave the address; else v2's, to the address of the console.
 * A refund of the merchant platform reaches, as XML, the address of the payment of a v3 trade.
 *
 * @see 退款结果通知, APIv3
 */
export function announceOf({ origin, notifyUrl, trade }: RefundWish, consoleUrl: string | null): Refund['announce'] {
  if (notifyUrl !== null) return { url: notifyUrl, form: origin === 'v3' ? 'v3' : 'v2' }
  if (consoleUrl !== null) return { url: consoleUrl, form: 'v2' }
  return origin === 'portal' && trade.protocol === 'v3' ? { url: trade.notifyUrl, form: 'v2' } : null
}
