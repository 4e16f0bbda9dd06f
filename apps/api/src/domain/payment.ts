import type { Fen } from 'wxpay-core/money'
import { assertNever } from './assertNever.ts'
import type { Means } from './means.ts'

export type TradeType = 'native' | 'jsapi' | 'h5'

/** What a page inside WeChat or a mini program hands to WeChat to open the payment. */
export interface JsapiInvoke {
  readonly appId: string
  readonly timeStamp: string
  readonly nonceStr: string
  readonly package: string
  readonly signType: string
  readonly paySign: string
}

/** What the payer's device is given to pay with. */
export type PaymentAction =
  | { tradeType: 'native'; codeUrl: string }
  | { tradeType: 'jsapi'; invoke: JsapiInvoke }
  | { tradeType: 'h5'; url: string }

/**
 * `preparing`: stored, WeChat's answer to the create is not known. `pending`: its code is shown.
 * `closing`: being closed at WeChat, still payable until WeChat has confirmed. `refused`: WeChat finally said no to the create.
 */
export type PaymentStatus = 'preparing' | 'pending' | 'closing' | 'closed' | 'paid' | 'refused'

/**
 * `duplicate`: another attempt of the same order was paid before. `conflict`: paid once already under another
 * WeChat number; a person must look at it.
 */
export type Anomaly = 'amount-mismatch' | 'paid-after-close' | 'duplicate' | 'conflict'

/** Why an attempt is being closed. */
export type CloseReason = 'expired' | 'cancelled' | 'replaced' | 'order-paid'

/** One attempt at WeChat to pay an order. */
export interface Payment {
  readonly id: string
  readonly orderId: string
  readonly outTradeNo: string
  readonly protocol: string
  readonly tradeType: TradeType
  /** As it was begun; never changes. */
  readonly means: Means
  readonly totalFen: Fen
  readonly status: PaymentStatus
  readonly anomalies: readonly Anomaly[]
  readonly action: PaymentAction | null
  /** WeChat's, for whoever brings the payment up by it; null where WeChat tells none. */
  readonly prepayId: string | null
  readonly createdAt: Date
  /** End of the page's countdown; null until the code is there. */
  readonly codeExpiresAt: Date | null
  /** WeChat refuses the payment after this. */
  readonly expiresAt: Date
  readonly closeReason: CloseReason | null
  readonly closedAt: Date | null
  /** WeChat's words when it finally refused the create. */
  readonly refusal: { code: string; description: string } | null
  /** WeChat says paid, its notice is not here yet. */
  readonly confirmingSince: Date | null
  readonly transactionId: string | null
  readonly payerFen: Fen | null
  /** Who paid, as WeChat says. */
  readonly openId: string | null
  /** WeChat's time. */
  readonly paidAt: Date | null
  /** Ours. */
  readonly recordedAt: Date | null
  /** What refunds hold of it, those that are closed or refused not counted: never more than was paid (rule R18). */
  readonly reservedRefundFen: Fen
}

/** What a verified message of WeChat says about money that came in. */
export interface ReportedTrade {
  readonly transactionId: string
  readonly totalFen: Fen
  readonly currency: string
  readonly payerFen: Fen
  readonly openId: string | null
  readonly paidAt: Date
}

export type PaymentEvent =
  | { readonly type: 'prepared'; readonly action: PaymentAction; readonly prepayId?: string | undefined; readonly codeExpiresAt: Date }
  | { readonly type: 'refused'; readonly code: string; readonly description: string }
  | { readonly type: 'extended'; readonly codeExpiresAt: Date }
  | { readonly type: 'closing'; readonly reason: CloseReason }
  | { readonly type: 'closed'; readonly at: Date }
  | { readonly type: 'confirming'; readonly trade: ReportedTrade; readonly at: Date }
  | { readonly type: 'paid'; readonly trade: ReportedTrade; readonly at: Date }

/** Returns the very same object when nothing changes, so that a message that comes twice writes nothing. */
export function applyPaymentEvent(payment: Payment, event: PaymentEvent): Payment {
  switch (event.type) {
    case 'prepared':
      return payment.status === 'preparing'
        ? { ...payment, status: 'pending', action: event.action, prepayId: event.prepayId ?? null, codeExpiresAt: event.codeExpiresAt }
        : payment
    case 'refused':
      return payment.status === 'preparing'
        ? { ...payment, status: 'refused', refusal: { code: event.code, description: event.description } }
        : payment
    case 'extended':
      return payment.status === 'pending' ? { ...payment, codeExpiresAt: event.codeExpiresAt } : payment
    case 'closing':
      return closing(payment, event.reason)
    case 'closed':
      return mayBeClosed(payment)
        ? { ...payment, status: 'closed', closedAt: event.at, closeReason: payment.closeReason ?? 'expired' }
        : payment
    case 'confirming':
      return confirming(payment, event)
    case 'paid':
      return paid(payment, event)
    default:
      return assertNever(event)
  }
}

/** Open attempts can still bring money at WeChat; an order has at most one of them. */
export function isOpen(payment: Payment): boolean {
  return payment.status === 'preparing' || payment.status === 'pending' || payment.status === 'closing'
}

/** WeChat has money for it that we have not booked: it is neither closed nor replaced before that is settled. */
export function isUnsettled(payment: Payment): boolean {
  return payment.status !== 'paid' && (payment.confirmingSince !== null || payment.anomalies.includes('amount-mismatch'))
}

export function mayBeClosed(payment: Payment): boolean {
  return isOpen(payment) && !isUnsettled(payment)
}

/** What is wrong with the money that WeChat reports, or null when it is exactly what was asked for. */
function amountProblem(payment: Payment, trade: ReportedTrade): 'amount-mismatch' | null {
  return trade.totalFen === payment.totalFen && trade.currency === 'CNY' ? null : 'amount-mismatch'
}

/** A cancel outranks the reason that a close under way began with: the order ends with it. */
function closing(payment: Payment, reason: CloseReason): Payment {
  if (!mayBeClosed(payment)) return payment
  if (payment.status === 'closing' && (reason !== 'cancelled' || payment.closeReason === 'cancelled')) return payment
  return { ...payment, status: 'closing', closeReason: reason }
}

function confirming(payment: Payment, event: { trade: ReportedTrade; at: Date }): Payment {
  if (amountProblem(payment, event.trade)) return flag(payment, 'amount-mismatch')
  if (payment.status === 'paid') return isRepeat(payment, event.trade) ? payment : flag(payment, 'conflict')
  if (payment.confirmingSince) return payment
  const status = isOpen(payment) ? 'pending' : payment.status
  return { ...payment, status, confirmingSince: event.at }
}

function paid(payment: Payment, { trade, at }: { trade: ReportedTrade; at: Date }): Payment {
  if (amountProblem(payment, trade)) return flag(payment, 'amount-mismatch')
  if (payment.status === 'paid') return isRepeat(payment, trade) ? payment : flag(payment, 'conflict')
  const settled: Payment = {
    ...payment,
    status: 'paid',
    confirmingSince: null,
    transactionId: trade.transactionId,
    payerFen: trade.payerFen,
    openId: trade.openId,
    paidAt: trade.paidAt,
    recordedAt: at,
  }
  return payment.status === 'closed' ? flag(settled, 'paid-after-close') : settled
}

function isRepeat(payment: Payment, trade: ReportedTrade): boolean {
  return payment.transactionId === trade.transactionId
}

export function flag(payment: Payment, anomaly: Anomaly): Payment {
  return payment.anomalies.includes(anomaly) ? payment : { ...payment, anomalies: [...payment.anomalies, anomaly] }
}
