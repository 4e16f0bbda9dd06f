import { randomUUID } from 'node:crypto'
import { toFen } from 'wxpay-core/money'
import {
  WechatRefusedError,
  WechatUnknownOutcomeError,
  type AnswerTrace,
  type CloseAnswer,
  type PaidTrade,
  type PaymentAction,
  type PaymentNotice,
  type Prepaid,
  type Protocol,
  type PrepayRequest,
  type QueryAnswer,
  type RefusalMeaning,
  type TradeQuery,
  type WechatPay,
} from 'wxpay-core/protocol'
import { usualProtocol } from './protocols.ts'

interface Trade {
  request: PrepayRequest
  state: 'pending' | 'paid' | 'closed'
  transactionId: string
}

/** `meaning` is `other` unless told. */
interface Refusal {
  code: string
  description: string
  meaning?: RefusalMeaning
}

/** One call, as a test may change its course. */
export type Course = 'answer' | 'lose-before' | 'lose-after'

/** WeChat as the port describes it, with a memory, for tests of our own rules. The protocol is tested against the mock of its servers. */
export class FakeWechat implements WechatPay {
  readonly protocol: Protocol
  readonly trades = new Map<string, Trade>()
  readonly calls: { call: 'prepay' | 'query' | 'close'; outTradeNo: string }[] = []
  /** Runs inside the call, before its effect. */
  during: Record<'prepay' | 'query' | 'close', (outTradeNo: string) => Promise<Course> | Course> = {
    prepay: () => 'answer',
    query: () => 'answer',
    close: () => 'answer',
  }
  /** Runs after the effect, before the caller has its answer. */
  after: Partial<Record<'prepay' | 'query' | 'close', (outTradeNo: string) => Promise<void>>> = {}
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
    this.during = { prepay: () => 'answer', query: () => 'answer', close: () => 'answer' }
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
      if (trade.state === 'paid') return { state: 'paid', trade: this.paidTrade(outTradeNo), refunded: false, ...trace }
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

  async #call<Answer>(call: 'prepay' | 'query' | 'close', outTradeNo: string, effect: () => Answer): Promise<Answer> {
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

function refused(call: 'prepay' | 'close', refusal: Refusal, requestId?: string): WechatRefusedError {
  return new WechatRefusedError(call, { meaning: 'other', ...refusal, raw: '<xml/>', requestId })
}

/** A trade is found under the appid that created it only: the stricter of what WeChat's protocols may do. */
function isUnder(appId: string | undefined, request: PrepayRequest): boolean {
  return request.tradeType === 'jsapi' ? appId === request.appId : true
}
