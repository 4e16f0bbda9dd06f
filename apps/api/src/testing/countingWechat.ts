import {
  WechatRefusedError,
  WechatUnknownOutcomeError,
  type RefundAnswer,
  type RefundQueryAnswer,
  type RefundRequest,
  type ReportedRefund,
  type WechatPay,
} from 'wxpay-core/protocol'
import { FakeWechat } from './fakeWechat.ts'
import type { VirtualTime } from './virtualTime.ts'

export interface Arrival {
  atMs: number
  outTradeNo: string
  outRefundNo: string
  failed: boolean
}

export interface Chance {
  next(): number
}

/**
 * WeChat on a virtual clock, which counts what arrives. Most calls go well; some are lost on either way, some find it busy; for half a minute it
 * is broken, and once it asks for fewer calls.
 */
export class CountingWechat {
  readonly arrivals: Arrival[] = []
  readonly refunds = new Map<string, ReportedRefund>()
  readonly refundedFen = new Map<string, number>()
  queries = 0
  readonly #time: VirtualTime
  readonly #random: Chance
  readonly #brokenFromMs: number
  #limitOnce: boolean

  constructor(time: VirtualTime, random: Chance) {
    this.#time = time
    this.#random = random
    this.#brokenFromMs = time.nowMs + 60_000
    this.#limitOnce = true
  }

  gate(): WechatPay {
    return Object.assign(new FakeWechat(), {
      refund: (request: RefundRequest) => this.#refund(request),
      queryRefund: ({ outRefundNo }: { outRefundNo: string }) => this.#query(outRefundNo),
    })
  }

  async #refund(request: RefundRequest): Promise<RefundAnswer> {
    await this.#travel()
    const { nowMs } = this.#time
    const arrival: Arrival = { atMs: nowMs, outTradeNo: request.outTradeNo, outRefundNo: request.outRefundNo, failed: false }
    this.arrivals.push(arrival)
    const trouble = this.#trouble(nowMs)
    if (trouble !== 'lost-answer' && trouble !== null) arrival.failed = true
    const refund = trouble === null || trouble === 'lost-answer' ? this.#accept(request) : undefined
    await this.#travel()
    if (trouble === 'limited') throw new WechatUnknownOutcomeError('refund', new Error('FREQUENCY_LIMITED'), { rateLimited: true })
    if (trouble === 'not-ready')
      throw new WechatRefusedError('refund', { meaning: 'not-ready', code: 'ORDER_NOT_READY', description: '', raw: '' })
    if (trouble !== null || !refund) throw new WechatUnknownOutcomeError('refund', new Error(trouble ?? 'nothing'))
    return { refund, raw: '<xml/>' }
  }

  #trouble(nowMs: number): 'broken' | 'limited' | 'lost-answer' | 'not-ready' | null {
    const sinceBroken = nowMs - this.#brokenFromMs
    if (sinceBroken >= 0 && sinceBroken < 30_000) return 'broken'
    if (sinceBroken > 60_000 && this.#limitOnce) {
      this.#limitOnce = false
      return 'limited'
    }
    const chance = this.#random.next()
    if (chance < 0.01) return 'broken'
    if (chance < 0.02) return 'lost-answer'
    return chance < 0.03 ? 'not-ready' : null
  }

  /** Once per number, whatever happens. */
  #accept({ outTradeNo, transactionId, outRefundNo, totalFen, refundFen }: RefundRequest): ReportedRefund {
    const known = this.refunds.get(outRefundNo)
    if (known) return known
    const state = this.#random.next() < 0.7 ? 'success' : 'processing'
    const numbers = { outTradeNo, transactionId, outRefundNo, refundId: `503${this.refunds.size}` }
    const told = { succeededAt: null, payerRefundFen: refundFen, receivedAccount: null }
    const refund: ReportedRefund = { ...numbers, totalFen, refundFen, state, ...told }
    this.refunds.set(outRefundNo, refund)
    this.refundedFen.set(outTradeNo, (this.refundedFen.get(outTradeNo) ?? 0) + refundFen)
    return refund
  }

  async #query(outRefundNo: string): Promise<RefundQueryAnswer> {
    await this.#travel()
    this.queries += 1
    const refund = this.refunds.get(outRefundNo)
    await this.#travel()
    return refund ? { state: 'found', refund: { ...refund, state: 'success' }, raw: '<xml/>' } : { state: 'not-found', raw: '<xml/>' }
  }

  /** One way: mostly quick, now and then not. */
  #travel(): Promise<void> {
    const slow = this.#random.next() < 0.01
    return this.#time.sleep(slow ? 3_000 : 10 + this.#random.next() * 70)
  }
}

/** The most that arrived within any second. */
export function mostPerSecond(arrivals: readonly Pick<Arrival, 'atMs'>[]): number {
  const times = arrivals.map(({ atMs }) => atMs).toSorted((one, other) => one - other)
  let from = 0
  return times.reduce((most, atMs, index) => {
    while ((times[from] ?? atMs) <= atMs - 1_000) from += 1
    return Math.max(most, index - from + 1)
  }, 0)
}

/** The shortest time between two refunds of one payment under different numbers, in ms. */
export function shortestGapMs(arrivals: readonly Arrival[]): number {
  const last = new Map<string, Arrival>()
  let shortest = Infinity
  for (const arrival of arrivals.toSorted((one, other) => one.atMs - other.atMs)) {
    const before = last.get(arrival.outTradeNo)
    if (before && before.outRefundNo !== arrival.outRefundNo) shortest = Math.min(shortest, arrival.atMs - before.atMs)
    last.set(arrival.outTradeNo, arrival)
  }
  return shortest
}
