import type { CheckoutView, TradeType } from 'wxpay-core/contract'
import { offeredHandOver, type HandOver } from './handOver.ts'

/** What the page shows: the value of `data-state`. */
export type Display = 'idle' | 'creating' | 'waiting' | 'expiring' | 'checking' | 'paid' | 'expired' | 'closed' | 'offline' | 'error'

/** A request of the shopper's that is under way. */
export type Task = 'loading' | 'opening' | 'renewing' | 'extending' | 'cancelling'

/** Why a request takes longer than it should; it is being repeated. */
export type Trouble = 'slow' | 'busy' | 'no-connection' | 'no-answer'

/** Why the page pays by a code although this device could do better. */
export type Fallback = 'payer-unknown' | 'not-enabled'

/** A request that ended without what was asked for. */
export interface Failure {
  task: Task
  code: string
  requestId: string | null
  /** The same request may be sent again. */
  mayRetry: boolean
}

/** Everything the shopper's page knows. Moments are milliseconds on the scale of performance.now(). */
export interface CheckoutState {
  /** The latest that the server said; its changing part may be newer than its `action`. */
  readonly view: CheckoutView | null
  /** The version rose by a status answer: `view.action` belongs to an older one and is to be fetched. */
  readonly viewIsStale: boolean
  /** When the countdown of the code is over; null without one. */
  readonly codeEndsAt: number | null
  readonly timeLeft: 'plenty' | 'last-minute' | 'none'
  readonly task: Task | null
  /** How the payment that is being opened or renewed will be paid. */
  readonly taskWay: TradeType | null
  readonly trouble: Trouble | null
  readonly failure: Failure | null
  readonly fallback: Fallback | null
  /** About `view.action`, where WeChat's own sheet or page takes it over. */
  readonly handOver: HandOver
  /** "I have paid": the code is put away until the server says something new or the shopper takes it back. */
  readonly saidPaid: boolean
  /** WeChat's window has no time left for this code. */
  readonly extendable: boolean
  readonly failedRequests: number
  readonly browserOffline: boolean
  /** Since when this code is on the screen. */
  readonly codeShownAt: number | null
  /** Unpaid for so long that the words change; the asking goes on. */
  readonly waitedLong: boolean
  readonly display: Display
  readonly displaySince: number
}

export const idleState: CheckoutState = {
  view: null,
  viewIsStale: false,
  codeEndsAt: null,
  timeLeft: 'plenty',
  task: null,
  taskWay: null,
  trouble: null,
  failure: null,
  fallback: null,
  handOver: offeredHandOver,
  saidPaid: false,
  extendable: true,
  failedRequests: 0,
  browserOffline: false,
  codeShownAt: null,
  waitedLong: false,
  display: 'idle',
  displaySince: 0,
}
