import { randomInt } from 'node:crypto'
import type { Protocol } from '../ledger/trade.ts'
import { describeKind, fitsFile, makesSense, type FaultKind, type Parameter, type Target } from './kinds.ts'

export interface FaultOrder extends Partial<Record<'ms' | 'by' | 'row' | 'copies', number>>, Partial<Record<'field' | 'value', string>> {
  on: Target | '*'
  kind: FaultKind
  /** Only trades with this number; in bills, the row with it. */
  outTradeNo?: string
  /** Only notices of payments, or only those of refunds. */
  about?: 'payment' | 'refund'
  /** Starts with the n-th call that fits, counted from 1 since the fault was ordered. */
  nth?: number
  /** How many calls are struck. Default: 1 with `nth`, else no limit. */
  times?: number
  /** Between 0 and 1, drawn for each call from `seed`. */
  probability?: number
  seed?: number
}

/** What a call or a delivery is about. `outTradeNo` is empty where there is none (certificates, bills). */
export interface Subject {
  protocol: Protocol
  outTradeNo: string
  /** Of a notice. */
  kind?: 'payment' | 'refund'
}

/** A fault that strikes this very call or delivery. */
export type Struck = Pick<FaultOrder, 'kind' | Parameter | 'outTradeNo'>

export type Faults = ReturnType<typeof createFaults>

/** Faults are kept in memory only: a restarted mock behaves. */
export function createFaults() {
  let rules: Rule[] = []
  let count = 0

  return {
    order(order: FaultOrder) {
      const rule = createRule(++count, order)
      rules.push(rule)
      return rule.report()
    },
    list: () => rules.map((rule) => rule.report()),
    clear(): void {
      rules = []
    },
    /** Counts the call against every fault that fits it and returns those that strike, in the order they were ordered. */
    strike(target: Target, subject: Subject): Struck[] {
      return rules.filter((rule) => rule.fits(target, subject) && rule.strikes()).map((rule) => rule.order)
    },
  }
}

type Rule = ReturnType<typeof createRule>

function createRule(id: number, order: FaultOrder) {
  const seed = order.seed ?? randomInt(2 ** 31)
  const draw = createDice(seed)
  const first = order.nth ?? 1
  const limit = order.times ?? (order.nth === undefined ? Infinity : 1)
  let seen = 0
  let struck = 0
  return {
    order,
    report: () => ({ id, ...order, ...(order.probability === undefined ? {} : { seed }), seen, struck }),
    fits: (target: Target, subject: Subject) =>
      targets(order).includes(target) &&
      makesSense(order.kind, subject) &&
      fitsFile(order.kind, target, subject.protocol) &&
      (order.outTradeNo === undefined || order.outTradeNo === subject.outTradeNo || describeKind(order.kind).picksRow) &&
      (order.about === undefined || order.about === subject.kind),
    strikes(): boolean {
      seen += 1
      const drawn = order.probability === undefined || draw() < order.probability
      if (!drawn || seen < first || struck >= limit) return false
      struck += 1
      return true
    },
  }
}

/** before-answer is about a notice, but it is the create that it strikes, or the refund. */
function targets({ on, kind }: FaultOrder): readonly Target[] {
  if (kind === 'before-answer' && on !== 'refund') return ['create']
  return on === '*' ? describeKind(kind).on : [on]
}

/** Mulberry32 (Tommy Ettinger, public domain): small, and the same on every machine for one seed. */
function createDice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
