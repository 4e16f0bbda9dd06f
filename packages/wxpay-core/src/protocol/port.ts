import type { IncomingHttpHeaders } from 'node:http'
import type { Fen } from '../money.ts'

export type Protocol = 'v2' | 'v3'

/** How a payment begins. Inside WeChat, in a page or in a mini program, is `jsapi`; a phone's browser outside of it is `h5`. */
export type TradeType = 'native' | 'jsapi' | 'h5'

/** What a page inside WeChat or a mini program hands to WeChat to open the payment: all text, as WeChat wants it. */
export interface JsapiInvoke {
  /** The one that the create named. A mini program leaves it out of its call; it is signed all the same. */
  appId: string
  /** Unix time in whole seconds. */
  timeStamp: string
  nonceStr: string
  /** "prepay_id=…" */
  package: string
  /** RSA in v3; MD5 or HMAC-SHA256 in v2, the one of the create. */
  signType: string
  paySign: string
}

/** What the payer's device is given to pay with. An `invoke` is good for two hours, the `url` for five minutes. */
export type PaymentAction =
  | { tradeType: 'native'; codeUrl: string }
  | { tradeType: 'jsapi'; invoke: JsapiInvoke }
  | { tradeType: 'h5'; url: string }

/** The exact parameters of a create. Stored before the call; a repeat sends the same ones under the same number. */
export type PrepayRequest = PrepayFacts & (NativeFacts | JsapiFacts | H5Facts)

interface PrepayFacts {
  outTradeNo: string
  description: string
  totalFen: Fen
  /** The moment after which WeChat refuses the payment; fixed by the first call. Whole seconds. */
  expiresAt: Date
  notifyUrl: string
  /** Native: the address of the machine that calls. jsapi and h5: the payer's own; for h5 WeChat compares it with the phone's. */
  clientIp: string
}

interface NativeFacts {
  tradeType: 'native'
  /** v2: of the printed code that was scanned (mode 1), at most 32 characters. */
  productId?: string
}

interface JsapiFacts {
  tradeType: 'jsapi'
  /** One of ours, e.g. the mini program's. */
  appId: string
  /** The payer under that appid. */
  openId: string
}

interface H5Facts {
  tradeType: 'h5'
  device: 'iOS' | 'Android' | 'Wap'
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
  /** Good for two hours. v3 tells it for jsapi only, v2 always. */
  prepayId?: string
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

/** `appId`: the one that the create named, where it was not the client's own. v2 is asked under it; v3 asks about the merchant. */
export type TradeQuery = ({ outTradeNo: string } | { transactionId: string }) & { appId?: string }

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

/** The exact parameters of a refund. Stored before the call; a repeat sends the same ones under the same number, which refunds once. */
export interface RefundRequest {
  outTradeNo: string
  transactionId: string
  /** 1 to 64 letters, digits or _-|*@ ; ours, unique per merchant. */
  outRefundNo: string
  /** Of the whole payment. */
  totalFen: Fen
  refundFen: Fen
  /** Shown to the payer, at most 80 UTF-8 bytes. */
  reason?: string
  notifyUrl: string
  /** As in TradeQuery. */
  appId?: string
}

/**
 * `processing`: accepted, the money is on its way. `closed`: it did not go back and will not; another try takes another number.
 * `abnormal`: the payer's bank did not take it; a person settles it in WeChat's merchant platform, after which it is `success`.
 */
export type RefundState = 'processing' | 'success' | 'closed' | 'abnormal'

/** A refund as WeChat reports it, in an answer or in a notice: the same facts, checked in the same way. */
export interface ReportedRefund {
  outTradeNo: string
  transactionId: string
  outRefundNo: string
  /** WeChat's number of it. */
  refundId: string
  /** Of the whole payment. */
  totalFen: Fen
  refundFen: Fen
  state: RefundState
  /** WeChat's time; null unless `success` and told. */
  succeededAt: Date | null
  /** What the payer gets in cash, after coupons; null when WeChat does not say. */
  payerRefundFen: Fen | null
  /** Where it went, in WeChat's words, e.g. 支付用户零钱; null when WeChat does not say. */
  receivedAccount: string | null
}

/** WeChat has accepted the refund, or had done so before. `processing` unless it says more. */
export interface RefundAnswer extends AnswerTrace {
  refund: ReportedRefund
}

/** `refundId` is asked by where the protocol can (v2), the number else. `appId`: as in TradeQuery. */
export interface RefundQuery {
  outRefundNo: string
  refundId?: string
  appId?: string
}

/** `not-found` does not prove that a refund under way will not appear. */
export type RefundQueryAnswer = AnswerTrace & ({ state: 'found'; refund: ReportedRefund } | { state: 'not-found' })

/**
 * A message about a refund. `refund`: verified like a payment's (v3). `refund-hint`: encrypted and not signed (v2), whatever it says has to
 * be confirmed by a query before anything follows from it (rule R20); it may be about a refund that was begun in WeChat's merchant platform.
 */
export type RefundNotice = {
  protocol: Protocol
  noticeId: string
  raw: string
  requestId?: string
} & ({ outcome: 'refund'; refund: ReportedRefund } | ({ outcome: 'refund-hint' } & RefundHint))

export type RefundHint = Pick<ReportedRefund, 'outTradeNo' | 'transactionId' | 'outRefundNo' | 'refundId'>

/** `fund-flow`: of the basic account. */
export type BillKind = 'trade' | 'fund-flow'

export interface BillRequest {
  kind: BillKind
  /** The Beijing day, yyyy-MM-dd: ready after 10:00 of the next one, and for three months. */
  billDate: string
}

/** `empty`: nothing happened that day; final. `not-ready`: WeChat has not made it yet; ask again in half an hour. */
export type BillAnswer = { state: 'ready'; file: BillFile } | { state: 'empty' } | { state: 'not-ready' }

export interface BillFile {
  /**
   * The plain bytes (gzip is taken off), to be read once and to the end.
   *
   * @throws {WechatUnknownOutcomeError} while reading, when the connection breaks or the gzip is cut off
   */
  plain: AsyncIterable<Uint8Array>
  /** What WeChat announced, in hex; null where it announces nothing (v2's trade bill). */
  sha1: string | null
  /** After `plain` has ended: whether its SHA-1 is the announced one; null where nothing was announced. */
  isWhole(): boolean | null
}

/** What the notice route answers to WeChat. */
export interface NoticeReply {
  status: number
  contentType: string
  body: string
}

/** A printed code was scanned (Native mode 1): WeChat waits for a prepay id, about 5 s, and does not ask again. */
export interface Scan {
  productId: string
  /** The payer under our appid. */
  openId: string
  /** Follows the official account. */
  subscribed: boolean
  /** WeChat's own of this scan: with product and payer, what makes it the same as another. */
  nonce: string
}

/** Native mode 1: codes that are printed once for a product, and WeChat's questions when they are scanned. */
export interface ScanGate {
  /**
   * The text of a code. It does not expire.
   *
   * @throws {RangeError} when productId is not 1 to 32 letters, digits, _ or -
   */
  codeFor(productId: string, at: Date): string
  /** Asks WeChat for a shorter text that leads to the same. @throws {WechatRefusedError} @throws {WechatUnknownOutcomeError} */
  shorten(codeUrl: string): Promise<string>
  /** The one way in for a scan: verified, or thrown. @throws {NoticeRefusedError} */
  open(raw: Buffer): Scan
  readonly replies: {
    /** WeChat goes on to the payment. */
    prepared(prepayId: string): NoticeReply
    /** A verified scan that gets no payment; the payer reads these words, cut to 128 characters. */
    declined(messageForPayer: string): NoticeReply
    /** The scan itself is at fault. */
    rejected(reason: string): NoticeReply
  }
}

/**
 * WeChat Pay as the rest of the project sees it, whatever the protocol's version.
 * Calls throw WechatUnknownOutcomeError or WechatRefusedError; openNotice throws NoticeRefusedError.
 */
export interface WechatPay {
  readonly protocol: Protocol
  prepay(request: PrepayRequest): Promise<Prepaid>
  query(by: TradeQuery): Promise<QueryAnswer>
  /** @param appId - as in TradeQuery */
  close(outTradeNo: string, appId?: string): Promise<CloseAnswer>
  /** The one way in for a notice: verified and typed, or thrown. A protocol with one address for everything (v3) gives refunds here, too. */
  openNotice(headers: IncomingHttpHeaders, raw: Buffer): Promise<PaymentNotice | RefundNotice>
  /** v2: the one way in for what comes to the address of refunds. @throws {NoticeRefusedError} */
  openRefundHint?(raw: Buffer): Extract<RefundNotice, { outcome: 'refund-hint' }>
  /** Absent when the settings do not allow refunds: v2 needs the merchant's certificate. */
  refund?(request: RefundRequest): Promise<RefundAnswer>
  queryRefund(by: RefundQuery): Promise<RefundQueryAnswer>
  /** @throws {BillKindUnavailableError} v2's fund-flow bill needs the merchant's certificate */
  downloadBill(request: BillRequest): Promise<BillAnswer>
  readonly noticeReplies: {
    /** Only after the commit. */
    accepted(): NoticeReply
    /** The notice is at fault. */
    refused(reason: string): NoticeReply
    /** We are at fault: WeChat must send it again. */
    failed(): NoticeReply
  }
  /** Printed codes, where the protocol has them (v2). */
  readonly scan?: ScanGate
}

/** The largest notice that is read, in bytes. */
export const maxNoticeBytes = 65_536
