import type { Order, OrderStatus } from './answers'

/** What the page shows: the value of `data-state`. */
export type Display = 'idle' | 'creating' | 'waiting' | 'checking' | 'paid' | 'closed' | 'error' | 'offline'

/** A request of the payer's that is under way. */
export type Task = 'loading' | 'opening' | 'renewing' | 'asking' | 'cancelling'

/** Why a request takes longer than it should; it is being repeated. */
export type Trouble = 'slow' | 'busy' | 'no-connection' | 'no-answer'

/** A request that ended without what was asked for. */
export interface Failure {
  task: Task
  code: string
  requestId: string | null
  /** The same request may be sent again. */
  mayRetry: boolean
}

/** What became of WeChat's payment sheet, as this phone says: a hint, never a payment. */
export type Sheet = 'none' | 'up' | 'ok' | 'cancelled' | 'failed'

/** Everything the page knows of one payment. */
export interface CheckoutState {
  /** The latest that the server said; its changing part may be newer than its `invoke`. */
  readonly order: Order | null
  /** The version rose by a status answer: `order.invoke` belongs to an older one and is to be fetched. */
  readonly orderIsStale: boolean
  readonly task: Task | null
  readonly trouble: Trouble | null
  readonly failure: Failure | null
  readonly sheet: Sheet
  /** The payer has pressed "pay": the sheet comes up as soon as there is something to pay. */
  readonly payNext: boolean
  readonly failedRequests: number
  readonly disconnected: boolean
  /** When the attempt's time is over, on the scale of the `at` of events; null when nothing is counted down. */
  readonly endsAt: number | null
  /** It was over when the server or the countdown said so last: what comes next is for the server to say. */
  readonly timeIsUp: boolean
}

export const idleState: CheckoutState = {
  order: null,
  orderIsStale: false,
  task: null,
  trouble: null,
  failure: null,
  sheet: 'none',
  payNext: false,
  failedRequests: 0,
  disconnected: false,
  endsAt: null,
  timeIsUp: false,
}

export type CheckoutEvent =
  | { type: 'task-began'; task: Task; paysNext?: boolean }
  | { type: 'task-troubled'; trouble: Trouble }
  | { type: 'task-ended' }
  | { type: 'task-refused' }
  | { type: 'task-failed'; failure: Failure }
  /** `at`: the moment of the answer, by a clock that only grows. */
  | { type: 'order'; order: Order; at: number }
  | { type: 'status'; status: OrderStatus; at: number }
  | { type: 'time-up' }
  | { type: 'request-answered' }
  | { type: 'request-failed' }
  | { type: 'network'; disconnected: boolean }
  | { type: 'pay-pressed' }
  | { type: 'sheet'; sheet: Sheet }
  | { type: 'reset' }

/** What is known and what happened, to what is known next. No clock, no network; the very same object when nothing changes. */
export function reduce(state: CheckoutState, event: CheckoutEvent): CheckoutState {
  switch (event.type) {
    case 'task-began':
      return { ...state, task: event.task, trouble: null, failure: null, payNext: event.paysNext ?? state.payNext }
    case 'task-troubled':
      return state.task === null || state.trouble === event.trouble ? state : { ...state, trouble: event.trouble }
    case 'task-ended':
      return state.task === null ? state : { ...state, task: null, trouble: null }
    case 'task-refused':
      return { ...state, task: null, trouble: null, payNext: false }
    case 'task-failed':
      return { ...state, task: null, trouble: null, payNext: false, failure: event.failure }
    case 'order':
      return anchored(acceptOrder(state, event.order), event.order, event.at)
    case 'status':
      return anchored(acceptStatus(state, event.status), event.status, event.at)
    case 'time-up':
      return state.timeIsUp ? state : { ...state, timeIsUp: true }
    case 'request-answered':
      return state.failedRequests === 0 ? state : { ...state, failedRequests: 0 }
    case 'request-failed':
      return { ...state, failedRequests: state.failedRequests + 1 }
    case 'network':
      return state.disconnected === event.disconnected ? state : { ...state, disconnected: event.disconnected }
    case 'pay-pressed':
      return { ...state, payNext: true, sheet: 'none' }
    case 'sheet':
      return { ...state, sheet: event.sheet, payNext: false }
    case 'reset':
      return { ...idleState, disconnected: state.disconnected }
  }
}

/** A whole order counts when it is newer, or when it brings the rest of a version known from a status answer. */
function acceptOrder(state: CheckoutState, order: Order): CheckoutState {
  const known = state.order
  const isNews = known?.token !== order.token || order.version > known.version
  const completes = known?.version === order.version && state.orderIsStale
  if (!isNews && !completes) return state
  if (known?.token === order.token && reverts(known, order)) return state
  // The sheet's word is about one attempt; WeChat's number of it tells a new one.
  const isNewAttempt = order.invoke !== null && order.invoke.package !== known?.invoke?.package
  return accept(state, { order, orderIsStale: false, ...(isNewAttempt && { sheet: 'none' }) })
}

/** A status answer counts only when its version is higher. */
function acceptStatus(state: CheckoutState, status: OrderStatus): CheckoutState {
  const known = state.order
  if (known === null || status.version <= known.version || reverts(known, status)) return state
  return accept(state, { order: { ...known, ...status }, orderIsStale: status.status === 'unpaid' })
}

/** Less than this is the way of an answer, not another time. */
const driftMs = 1_000

/** The countdown goes by the latest answer about what is known, also when nothing else has changed. */
function anchored(state: CheckoutState, { version, remainingMs }: OrderStatus, at: number): CheckoutState {
  if (state.order?.version !== version) return state
  const endsAt = remainingMs === null ? null : at + remainingMs
  const timeIsUp = remainingMs !== null && remainingMs <= 0
  const isSame = endsAt === state.endsAt || (endsAt !== null && state.endsAt !== null && Math.abs(endsAt - state.endsAt) < driftMs)
  return isSame && timeIsUp === state.timeIsUp ? state : { ...state, endsAt, timeIsUp }
}

/** Final states never revert: paid stays paid, and what is closed can only turn out to be paid. */
function reverts(known: OrderStatus, next: OrderStatus): boolean {
  if (known.status === 'paid') return next.status !== 'paid'
  return known.status === 'closed' && next.status === 'unpaid'
}

function accept(state: CheckoutState, news: Partial<CheckoutState> & { order: Order }): CheckoutState {
  const over = isFinal(news.order) ? { task: null, trouble: null, payNext: false } : {}
  return { ...state, failure: null, ...news, ...over }
}

/** Nothing that comes later changes what the payer was told. */
export function isFinal(order: OrderStatus | null): boolean {
  return order !== null && order.status !== 'unpaid'
}
