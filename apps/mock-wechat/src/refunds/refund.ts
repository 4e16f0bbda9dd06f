import { z } from 'zod'

export const RefundStatus = z.enum(['PROCESSING', 'SUCCESS', 'CLOSED', 'ABNORMAL'])
export type RefundStatus = z.infer<typeof RefundStatus>
export const FinalStatus = RefundStatus.exclude(['PROCESSING'])
export type FinalStatus = z.infer<typeof FinalStatus>

/** WeChat's side of one refund, in v3's words. Times are milliseconds on the virtual clock unless they say otherwise. */
export const Refund = z.object({
  mchid: z.string(),
  outTradeNo: z.string(),
  transactionId: z.string(),
  /** The protocol of the call, or WeChat's merchant platform. */
  origin: z.enum(['v2', 'v3', 'portal']),
  /** The merchant's own number; in the merchant platform WeChat makes one up. */
  outRefundNo: z.string(),
  /** 29 digits. */
  refundId: z.string(),
  refundFen: z.int().positive(),
  /** Of it, what goes back into the recharged coupon that the payer had used. */
  couponFen: z.int().nonnegative(),
  reason: z.string().nullable(),
  /** As the call gave it. */
  notifyUrl: z.string().nullable(),
  /** Where its notices go, and in which form; null: WeChat knows no address. */
  announce: z.object({ url: z.string(), form: z.enum(['v2', 'v3']) }).nullable(),
  /** From where the money comes. */
  fundsAccount: z.enum(['UNSETTLED', 'AVAILABLE']),
  /** By which way it goes. */
  channel: z.enum(['ORIGINAL', 'BALANCE', 'OTHER_BALANCE', 'OTHER_BANKCARD']),
  /** Where it arrives, in words: 支付用户零钱. */
  receivedAccount: z.string(),
  status: RefundStatus,
  acceptedAt: z.number(),
  /** Real time, for messages. */
  realAcceptedAt: z.number(),
  /** When it finishes by itself, and how; null when it is final, or waits for POST /_control/refunds/:refundId/finish. */
  due: z.object({ at: z.number(), status: FinalStatus }).nullable(),
  /** Of the latest result: what was ABNORMAL can become SUCCESS. */
  finishedAt: z.number().nullable(),
  /** Real time, for `success_time`. */
  realFinishedAt: z.number().nullable(),
})
export type Refund = z.infer<typeof Refund>

/** The moment of a result, on both clocks. */
export const Moment = z.object({ at: z.number(), realAt: z.number() })
export type Moment = z.infer<typeof Moment>

/** Another way for money that found none: 异常退款. */
export const Redirection = z.object({ channel: Refund.shape.channel, receivedAccount: z.string(), due: Refund.shape.due })
export type Redirection = z.infer<typeof Redirection>

/** SUCCESS and CLOSED are final; ABNORMAL waits for a person, and can still succeed. */
export function mayFinish({ status }: Refund, next: FinalStatus): boolean {
  return status === 'PROCESSING' || (status === 'ABNORMAL' && next === 'SUCCESS')
}

export function finishRefund(refund: Refund, status: FinalStatus, { at, realAt }: Moment): Refund {
  if (!mayFinish(refund, status)) throw new Error(`a refund that is ${refund.status} cannot become ${status}`)
  return { ...refund, status, due: null, finishedAt: at, realFinishedAt: realAt }
}

export function redirectRefund(refund: Refund, redirection: Redirection): Refund {
  if (refund.status !== 'ABNORMAL') throw new Error(`a refund that is ${refund.status} needs no other way`)
  return { ...refund, ...redirection, status: 'PROCESSING' }
}

/** What is gone from a trade, or on its way: closed refunds have given theirs back. */
export const takenFen = (refunds: readonly Refund[]): number =>
  refunds.reduce((sum, { status, refundFen }) => sum + (status === 'CLOSED' ? 0 : refundFen), 0)

/** Whether a paid trade is in the state REFUND. When WeChat moves it there is not documented: a closed refund leaves it there. */
export const isRefunded = (refunds: readonly Refund[], from: 'accepted' | 'success'): boolean =>
  refunds.some(({ status }) => from === 'accepted' || status === 'SUCCESS')
