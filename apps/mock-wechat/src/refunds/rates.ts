import type { Clock } from '../clock.ts'
import { RefundProblem, type ProblemKind } from './problem.ts'

export const limitNames = ['perSecond', 'failing', 'oldOrders', 'perOrder', 'interval', 'age', 'funds'] as const
export type LimitName = (typeof limitNames)[number]
export type Strikes = Record<LimitName, number>

/** Which problems are limits that a merchant should have kept to by himself. */
const limitOf: Partial<Record<ProblemKind, LimitName>> = {
  'too-fast': 'perSecond',
  blocked: 'failing',
  'old-too-fast': 'oldOrders',
  'too-many': 'perOrder',
  'too-soon': 'interval',
  overdue: 'age',
  'not-enough': 'funds',
}

/** Being told to slow down is no failing call. */
const aboutRates: readonly ProblemKind[] = ['too-fast', 'old-too-fast', 'blocked']

const second = 1000
const [taken, failing, old] = [
  { most: 150, spanMs: second },
  { most: 6, spanMs: second },
  { most: 5000, spanMs: 60 * second },
]
/** An order is old after a month. */
export const oldAfterMs = 30 * 86_400_000

interface Merchant {
  taken: number[]
  failing: number[]
  old: number[]
  blockedUntil: number
  strikes: Strikes
}

export type Rates = ReturnType<typeof createRates>

/**
 * What one merchant may ask for in how short a time, on the virtual clock; and how often which limit was struck. In memory: a restarted mock counts anew.
 *
 * @param blockMs - after too many failing calls every call is refused for so long
 * @see 申请退款, APIv3
 */
export function createRates(clock: Clock, blockMs: number) {
  const merchants = new Map<string, Merchant>()

  function of(mchid: string): Merchant {
    const known = merchants.get(mchid) ?? { taken: [], failing: [], old: [], blockedUntil: 0, strikes: noStrikes() }
    merchants.set(mchid, known)
    return known
  }

  function isFull(times: number[], { most, spanMs }: typeof taken): boolean {
    const first = times.findIndex((time) => time > clock.now() - spanMs)
    times.splice(0, first < 0 ? times.length : first)
    return times.length >= most
  }

  function count(mchid: string, cause: unknown): void {
    const limit = cause instanceof RefundProblem ? limitOf[cause.kind] : undefined
    if (limit) of(mchid).strikes[limit] += 1
  }

  return {
    /** Runs one call and counts how it ends. @throws {RefundProblem} 'blocked' in place of the one failure that is too many, and for a while after it */
    watch<T>(mchid: string, run: () => T): T {
      const merchant = of(mchid)
      try {
        if (clock.now() < merchant.blockedUntil) throw blocked()
        return run()
      } catch (cause) {
        const slowDown = cause instanceof RefundProblem && aboutRates.includes(cause.kind)
        const over = !slowDown && isFull(merchant.failing, failing)
        if (!slowDown) merchant.failing.push(clock.now())
        if (over) merchant.blockedUntil = clock.now() + blockMs
        const shown = over ? blocked() : cause
        count(mchid, shown)
        throw shown
      }
    },
    /** One more refund, or a repeat of one. @throws {RefundProblem} */
    take(mchid: string, paidAt: number): void {
      const merchant = of(mchid)
      const isOld = clock.now() - paidAt > oldAfterMs
      if (isFull(merchant.taken, taken)) throw new RefundProblem('too-fast', `more than ${taken.most} refunds within a second`)
      if (isOld && isFull(merchant.old, old))
        throw new RefundProblem('old-too-fast', `more than ${old.most} refunds of old orders within a minute`)
      merchant.taken.push(clock.now())
      if (isOld) merchant.old.push(clock.now())
    },
    strikes: (mchid: string): Strikes => ({ ...of(mchid).strikes }),
    clear: () => merchants.clear(),
  }
}

const blocked = () => new RefundProblem('blocked', `more than ${failing.most} failing refund calls within a second`)

const noStrikes = (): Strikes => ({ perSecond: 0, failing: 0, oldOrders: 0, perOrder: 0, interval: 0, age: 0, funds: 0 })
