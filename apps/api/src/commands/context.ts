import type { Protocol, WechatPayError } from 'wxpay-core/protocol'
import type { LedgerFigures, LedgerProblem } from '../domain/ledgerCheck.ts'
import type { LatePaymentPolicy } from '../domain/order.ts'
import type { OrderStore } from '../storage/changeOrder.ts'
import type { KeysMissingError, WechatGates } from './steps/wechatGates.ts'

/** What `paid` may be written by: the notice alone, or a verified answer to a query, too. */
export type PaidBy = 'notice' | 'notice-or-query'

export interface MoneyPolicy {
  paidBy: PaidBy
  latePayment: LatePaymentPolicy
  /** The second payment of an order goes back by itself (rule R12). */
  refundDuplicates: boolean
}

export interface Life {
  /** The page's countdown. */
  qrMs: number
  /** WeChat's time_expire. */
  tradeMs: number
  /** From the end of the last attempt to the end of the order. */
  orderMs: number
}

export interface WechatCall {
  protocol: string
  call: 'prepay' | 'query' | 'close' | 'refund' | 'query-refund'
  outcome: string
  durationMs: number
  /** Why there is no answer that can be trusted, or why WeChat refused. */
  error?: WechatPayError
}

/** Told of what an operator should hear about. */
export interface Alarms {
  anomaly(kind: string, about: { outTradeNo: string; outRefundNo?: string }): void
  /** The ledger does not clear, or does not agree with WeChat's bills. */
  books(problem: LedgerProblem, figures: LedgerFigures): void
  wechatCall(made: WechatCall): void
  /** Payments wait that nobody can ask WeChat about. Told again and again; an operator hears of it once. */
  keysMissing(error: KeysMissingError, about?: { openPayments?: number }): void
}

/** What the steps of a payment's life need; made once in wiring.ts. */
export interface PaymentContext {
  store: OrderStore
  /** The merchant's number at WeChat. */
  mchId: string
  wechat: WechatGates
  policy: MoneyPolicy
  life: Life
  /** The origin of the shoppers' pages, no slash at the end. */
  publicUrl: string
  /** Where WeChat is told to send word of a refund. */
  refundNotifyUrl: (protocol: Protocol) => string
  alarms: Alarms
}
