import type { IncomingHttpHeaders } from 'node:http'
import type { Fen } from '../money.ts'

export type Protocol = 'v2' | 'v3'

/** What the payer's device is given to pay with. */
export type PaymentAction = { tradeType: 'native'; codeUrl: string }

/** The exact parameters of a create. Stored before the call; a repeat sends the same ones under the same number. */
export interface PrepayRequest {
  outTradeNo: string
  tradeType: 'native'
  description: string
  totalFen: Fen
  /** The moment after which WeChat refuses the payment; fixed by the first call. Whole seconds. */
  expiresAt: Date
  notifyUrl: string
  /** Native: the address of the machine that calls. */
  clientIp: string
}

/** What is kept of each answer: to derive a state from again, and to ask WeChat about. */
export interface AnswerTrace {
  /** WeChat's answer as it arrived. */
  raw: string
  /** WeChat's own number of the call (Request-ID), where the protocol has one. */
  requestId?: string
}

export interface Prepaid extends AnswerTrace {
  action: PaymentAction
}

/** A payment as WeChat reports it, in a notice or in the answer to a query: the same facts, checked in the same way. */
export interface PaidTrade {
  outTradeNo: string
  transactionId: string
  totalFen: Fen
  /** ISO 4217; WeChat's default is CNY. */
  currency: string
  /** What left the payer's pocket, after coupons; totalFen when WeChat does not say. */
  payerFen: Fen
  paidAt: Date
  /** The payer's; null when WeChat does not say. */
  openId: string | null
}

export type TradeQuery = { outTradeNo: string } | { transactionId: string }

/**
 * WeChat's verified answer about a trade. `not-found` does not prove that a create under way will not appear.
 * `refunded`: some or all of the money has gone back, which the person who asks must see.
 */
export type QueryAnswer = AnswerTrace &
  (
    | { state: 'paid'; trade: PaidTrade; refunded: boolean }
    | { state: 'pending'; outTradeNo: string }
    | { state: 'closed'; outTradeNo: string }
    | { state: 'not-found' }
  )

/** `paid`: WeChat refused to close because the trade is paid. `not-found`: WeChat has no such trade. */
export interface CloseAnswer extends AnswerTrace {
  state: 'closed' | 'paid' | 'not-found'
}

/** A notice that has passed every check. `failed` is WeChat's verified word that a payment did not succeed. */
export type PaymentNotice = {
  protocol: Protocol
  /** What makes this message the same as another: v3's id; v2 has none, so the SHA-256 (hex) of its bytes. */
  noticeId: string
  raw: string
  /** WeChat's own number of the delivery (Request-ID), where it sends one. */
  requestId?: string
} & ({ outcome: 'paid'; trade: PaidTrade } | { outcome: 'failed'; outTradeNo: string; code: string; description: string })

/** What the notice route answers to WeChat. */
export interface NoticeReply {
  status: number
  contentType: string
  body: string
}

/**
 * WeChat Pay as the rest of the project sees it, whatever the protocol's version.
 * Calls throw WechatUnknownOutcomeError or WechatRefusedError; openNotice throws NoticeRefusedError.
 */
export interface WechatPay {
  readonly protocol: Protocol
  prepay(request: PrepayRequest): Promise<Prepaid>
  query(by: TradeQuery): Promise<QueryAnswer>
  close(outTradeNo: string): Promise<CloseAnswer>
  /** The one way in for a notice: verified and typed, or thrown. */
  openNotice(headers: IncomingHttpHeaders, raw: Buffer): Promise<PaymentNotice>
  readonly noticeReplies: {
    /** Only after the commit. */
    accepted(): NoticeReply
    /** The notice is at fault. */
    refused(reason: string): NoticeReply
    /** We are at fault: WeChat must send it again. */
    failed(): NoticeReply
  }
}

/** The largest notice that is read, in bytes. */
export const maxNoticeBytes = 65_536
