import { randomUUID } from 'node:crypto'
import { toFen } from 'wxpay-core/money'
import {
  WechatRefusedError,
  WechatUnknownOutcomeError,
  type AnswerTrace,
  type BillAnswer,
  type BillRequest,
  type CloseAnswer,
  type PaidTrade,
  type PaymentAction,
  type PaymentNotice,
  type Prepaid,
  type Protocol,
  type PrepayRequest,
  type QueryAnswer,
  type RefundAnswer,
  type RefundNotice,
  type RefundQuery,
  type RefundQueryAnswer,
  type RefundRequest,
  type RefundState,
  type RefusalMeaning,
  type ReportedRefund,
  type TradeQuery,
  type WechatPay,
} from 'wxpay-core/protocol'
import { usualProtocol } from './protocols.ts'

interface Trade {
  request: PrepayRequest
  state: 'pending' | 'paid' | 'closed'
  transactionId: string
}

interface FakeRefund {
  outTradeNo: string
  refundFen: number
  refundId: string
  state: RefundState
}

/** `meaning` is `other` unless told. */
interface Refusal {
  code: string
  description: string
  meaning?: RefusalMeaning
}

/** One call, as a test may change its course. */
export type Course = 'answer' | 'lose-before' | 'lose-after'

type Call = 'prepay' | 'query' | 'close' | 'refund' | 'query-refund'

const undisturbed = (): Record<Call, (number: string) => Promise<Course> | Course> => ({
  prepay: () => 'answer',
  query: () => 'answer',
  close: () => 'answer',
  refund: () => 'answer',
  'query-refund': () => 'answer',
})

const nothingHappened = (): BillAnswer => ({ state: 'empty' })

/** WeChat as the port describes it, with a memory, for tests of our own rules. The protocol is tested against the mock of its servers. */
export class FakeWechat implements WechatPay {
  readonly protocol: Protocol
  readonly trades = new Map<string, Trade>()
  /** By their numbers: the payment's, or the refund's. */
  readonly refunds = new Map<string, FakeRefund>()
  /** `outTradeNo`: of a call about a refund, its number. */
  readonly calls: { call: Call; outTradeNo: string }[] = []
  readonly billsAsked: BillRequest[] = []
  /** What it says of the bill of a day: nothing happened, unless a test says more. */
  bills: (request: BillRequest) => Promise<BillAnswer> | BillAnswer = nothingHappened
  /** Runs inside the call, before its effect. */
  during = undisturbed()
  /** Runs after the effect, before the caller has its answer. */
  after: Partial<Record<Call, (number: string) => Promise<void>>> = {}
  refuseRefundWith: Refusal | undefined
  /** What WeChat says of a refund when it accepts it. */
  acceptsAs: RefundState = 'processing'
  /** Parts of what is reported of refunds that are not so. */
  misreport: Partial<ReportedRefund> = {}
  /** FREQUENCY_LIMITED. */
  limitsRefunds = false
  querySaysRefunded = false
  refuseWith: Refusal | undefined
  reportFen: number | undefined
  /** WeChat takes the close and goes on saying "not paid" for a while. */
  closesLater = false
  refuseCloseWith: Refusal | undefined
  /** WeChat's own number of calls and notices; none by default. */
  requestId: string | undefined
  /** Answers that contradict the ledger. */
  closeSays: 'paid' | undefined
  querySays: 'pending' | 'closed' | 'not-found' | undefined

  constructor(protocol: Protocol = usualProtocol) {
    this.protocol = protocol
  }

  /** Forgets what a test before this one has asked for; the trades stay. */
  reset(): void {
    this.during = undisturbed()
    this.bills = nothingHappened
    this.billsAsked.length = 0
    this.refuseRefundWith = undefined
    this.acceptsAs = 'processing'
    this.misreport = {}
    this.limitsRefunds = false
    this.querySaysRefunded = false
    this.refund = this.#refund
    this.after = {}
    this.refuseWith = undefined
    this.reportFen = undefined
    this.closesLater = false
    this.refuseCloseWith = undefined
    this.closeSays = undefined
    this.querySays = undefined
    this.requestId = undefined
    this.calls.length = 0
  }

  async prepay(request: PrepayRequest): Promise<Prepaid> {
    return this.#call('prepay', request.outTradeNo, () => {
      if (this.refuseWith) throw refused('prepay', this.refuseWith, this.requestId)
      const known = this.trades.get(request.outTradeNo)
      const isRepeat = JSON.stringify(known?.request) === JSON.stringify(request)
      if (known && !isRepeat) throw refused('prepay', { meaning: 'number-in-use', code: 'REPEATED', description: '商户订单号重复' })
      if (known?.state === 'paid') throw refused('prepay', { meaning: 'paid', code: 'PAID', description: '该订单已支付' })
      if (known?.state === 'closed') throw refused('prepay', { meaning: 'closed', code: 'CLOSED', description: '该订单已关闭' })
      if (!known) this.trades.set(request.outTradeNo, { request, state: 'pending', transactionId: `42${randomUUID().slice(0, 8)}` })
      return {
        action: actionOf(request),
        prepayId: `wx${request.outTradeNo}`,
        ...this.#trace('<xml>prepay</xml>'),
      }
    })
  }

  async query(by: TradeQuery): Promise<QueryAnswer> {
    const outTradeNo = 'outTradeNo' in by ? by.outTradeNo : (this.#byTransaction(by.transactionId) ?? '')
    return this.#call('query', outTradeNo, () => {
      const trade = this.trades.get(outTradeNo)
      const trace = this.#trace('<xml>query</xml>')
      if (this.querySays === 'not-found' || !trade || !isUnder(by.appId, trade.request)) return { state: 'not-found', ...trace }
      if (this.querySays) return { state: this.querySays, outTradeNo, ...trace }
      if (trade.state === 'paid') return { state: 'paid', trade: this.paidTrade(outTradeNo), refunded: this.querySaysRefunded, ...trace }
      return { state: trade.state, outTradeNo, ...trace }
    })
  }

  async close(outTradeNo: string, appId?: string): Promise<CloseAnswer> {
    return this.#call('close', outTradeNo, () => {
      if (this.refuseCloseWith) throw refused('close', this.refuseCloseWith)
      const trace = this.#trace('<xml>close</xml>')
      if (this.closeSays) return { state: this.closeSays, ...trace }
      const trade = this.trades.get(outTradeNo)
      if (!trade || !isUnder(appId, trade.request)) return { state: 'not-found', ...trace }
      if (trade.state === 'paid') return { state: 'paid', ...trace }
      if (!this.closesLater) trade.state = 'closed'
      return { state: 'closed', ...trace }
    })
  }

  readonly #refund = async (request: RefundRequest): Promise<RefundAnswer> => {
    const { outRefundNo, outTradeNo, refundFen } = request
    return this.#call('refund', outRefundNo, () => {
      if (this.limitsRefunds) throw new WechatUnknownOutcomeError('refund', new Error('FREQUENCY_LIMITED'), { rateLimited: true })
      if (this.refuseRefundWith) throw refused('refund', this.refuseRefundWith, this.requestId)
      const known = this.refunds.get(outRefundNo)
      if (known && known.refundFen !== refundFen)
        throw refused('refund', { meaning: 'number-in-use', code: 'REFUND_FEE_MISMATCH', description: '金额不一致' })
      if (!known) {
        const held = [...this.refunds.values()].filter((one) => one.outTradeNo === outTradeNo && one.state !== 'closed')
        const sum = held.reduce<number>((total, one) => total + one.refundFen, refundFen)
        if (sum > this.paidTrade(outTradeNo).totalFen) throw refused('refund', { code: 'ERROR', description: '订单已全额退款' })
        this.refunds.set(outRefundNo, { outTradeNo, refundFen, refundId: newRefundId(), state: this.acceptsAs })
      }
      return { refund: this.reportedRefund(outRefundNo), ...this.#trace('<xml>refund</xml>') }
    })
  }

  refund?: (request: RefundRequest) => Promise<RefundAnswer> = this.#refund

  /** Its settings do not allow refunds; until reset. */
  forbidRefunds(): void {
    delete this.refund
  }

  async queryRefund({ outRefundNo, refundId }: RefundQuery): Promise<RefundQueryAnswer> {
    const byId = [...this.refunds].find(([, one]) => one.refundId === refundId)?.[0]
    const number = byId ?? outRefundNo
    return this.#call('query-refund', outRefundNo, () => {
      const trace = this.#trace('<xml>query-refund</xml>')
      return this.refunds.has(number) ? { state: 'found', refund: this.reportedRefund(number), ...trace } : { state: 'not-found', ...trace }
    })
  }

  async downloadBill(request: BillRequest): Promise<BillAnswer> {
    this.billsAsked.push(request)
    return this.bills(request)
  }

  /** WeChat gets on with a refund. */
  settleRefund(outRefundNo: string, state: RefundState): void {
    const refund = this.refunds.get(outRefundNo)
    if (!refund) throw new Error(`${outRefundNo} is not known`)
    refund.state = state
  }

  /** Somebody refunds in WeChat's merchant platform. @returns its number */
  refundInPlatform(outTradeNo: string, refundFen: number, state: RefundState = 'processing'): string {
    const outRefundNo = `W${randomUUID()}`
    this.refunds.set(outRefundNo, { outTradeNo, refundFen, refundId: newRefundId(), state })
    return outRefundNo
  }

  reportedRefund(outRefundNo: string): ReportedRefund {
    const refund = this.refunds.get(outRefundNo)
    if (!refund) throw new Error(`${outRefundNo} is not known`)
    const { outTradeNo, refundFen, refundId, state } = refund
    const { transactionId, totalFen } = this.paidTrade(outTradeNo)
    const told = { outTradeNo, transactionId, outRefundNo, refundId, totalFen, refundFen: toFen(refundFen), state }
    const succeededAt = state === 'success' ? new Date('2026-03-02T06:05:33Z') : null
    return { ...told, succeededAt, payerRefundFen: toFen(refundFen), receivedAccount: '支付用户零钱', ...this.misreport }
  }

  /** Signed. */
  refundNoticeOf(outRefundNo: string, change: Partial<ReportedRefund> = {}): RefundNotice {
    const refund = { ...this.reportedRefund(outRefundNo), ...change }
    return { protocol: this.protocol, noticeId: randomUUID(), ...this.#trace('{"refund":1}'), outcome: 'refund', refund }
  }

  /** Not signed. */
  refundHintOf(outRefundNo: string, change: Partial<ReportedRefund> = {}): Extract<RefundNotice, { outcome: 'refund-hint' }> {
    const { outTradeNo, transactionId, refundId, ...told } = { ...this.reportedRefund(outRefundNo), ...change }
    const numbers = { outTradeNo, transactionId, outRefundNo: told.outRefundNo, refundId }
    return { protocol: this.protocol, noticeId: randomUUID(), ...this.#trace('<xml>hint</xml>'), outcome: 'refund-hint', ...numbers }
  }

  /** The payer's phone. */
  pay(outTradeNo: string): PaymentNotice {
    const trade = this.trades.get(outTradeNo)
    if (trade?.state !== 'pending') throw new Error(`${outTradeNo} cannot be paid`)
    trade.state = 'paid'
    return this.noticeOf(outTradeNo)
  }

  /** Money for a trade that was closed: the payer's bank was slow. */
  payLate(outTradeNo: string): void {
    const trade = this.trades.get(outTradeNo)
    if (trade?.state !== 'closed') throw new Error(`${outTradeNo} is not closed`)
    trade.state = 'paid'
  }

  noticeOf(outTradeNo: string, change: Partial<PaidTrade> = {}): PaymentNotice {
    return {
      protocol: this.protocol,
      noticeId: randomUUID(),
      ...this.#trace('<xml>notice</xml>'),
      outcome: 'paid',
      trade: { ...this.paidTrade(outTradeNo), ...change },
    }
  }

  paidTrade(outTradeNo: string): PaidTrade {
    const trade = this.trades.get(outTradeNo)
    if (!trade) throw new Error(`${outTradeNo} is not known`)
    const totalFen = toFen(this.reportFen ?? trade.request.totalFen)
    return {
      outTradeNo,
      transactionId: trade.transactionId,
      totalFen,
      currency: 'CNY',
      payerFen: totalFen,
      paidAt: new Date('2026-03-01T02:17:42Z'),
      openId: 'oDocs5aX1tVbQ9rLkEwZ3yPn7mUc',
    }
  }

  callsOf(call: string): number {
    return this.calls.filter((one) => one.call === call).length
  }

  /** The calls about one trade, in their order. */
  callsAbout(outTradeNo: string): string[] {
    return this.calls.filter((one) => one.outTradeNo === outTradeNo).map(({ call }) => call)
  }

  openNotice(): never {
    throw new Error('notices are opened by the protocol, not in these tests')
  }

  readonly noticeReplies = {
    accepted: () => ({ status: 200, contentType: 'text/xml', body: 'SUCCESS' }),
    refused: (reason: string) => ({ status: 400, contentType: 'text/xml', body: `FAIL ${reason}` }),
    failed: () => ({ status: 503, contentType: 'text/xml', body: 'FAIL' }),
  }

  async #call<Answer>(call: Call, outTradeNo: string, effect: () => Answer): Promise<Answer> {
    this.calls.push({ call, outTradeNo })
    const course = await this.during[call](outTradeNo)
    if (course === 'lose-before') throw new WechatUnknownOutcomeError(call, new Error('lost on the way there'))
    const answer = effect()
    await this.after[call]?.(outTradeNo)
    if (course === 'lose-after') throw new WechatUnknownOutcomeError(call, new Error('lost on the way back'))
    return answer
  }

  #trace(raw: string): AnswerTrace {
    return { raw, ...(this.requestId !== undefined && { requestId: this.requestId }) }
  }

  #byTransaction(transactionId: string): string | undefined {
    return [...this.trades].find(([, trade]) => trade.transactionId === transactionId)?.[0]
  }
}

function newRefundId(): string {
  return `503${randomUUID().slice(0, 8)}`
}

function actionOf(request: PrepayRequest): PaymentAction {
  const { outTradeNo } = request
  switch (request.tradeType) {
    case 'native':
      return { tradeType: 'native', codeUrl: `weixin://wxpay/bizpayurl?pr=${outTradeNo}` }
    case 'jsapi':
      return {
        tradeType: 'jsapi',
        invoke: {
          appId: request.appId,
          timeStamp: '1',
          nonceStr: 'n',
          package: `prepay_id=wx${outTradeNo}`,
          signType: 'RSA',
          paySign: 's',
        },
      }
    case 'h5':
      return { tradeType: 'h5', url: `https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx${outTradeNo}&package=1` }
  }
}

function refused(call: Call, refusal: Refusal, requestId?: string): WechatRefusedError {
  return new WechatRefusedError(call, { meaning: 'other', ...refusal, raw: '<xml/>', requestId })
}

/** A trade is found under the appid that created it only: the stricter of what WeChat's protocols may do. */
function isUnder(appId: string | undefined, request: PrepayRequest): boolean {
  return request.tradeType === 'jsapi' ? appId === request.appId : true
}
