import type { CheckoutStatus, CheckoutView, TradeType } from 'wxpay-core/contract'
import { displayOf, isFinal } from './display.ts'
import { handOverAfter, handOverAsked, identityOf, offeredHandOver, type HandOver, type HandOverEvent } from './handOver.ts'
import { idleState, type CheckoutState, type Failure, type Fallback, type Task, type Trouble } from './state.ts'

export type CheckoutEvent =
  | { type: 'task-began'; task: Exclude<Task, 'opening' | 'renewing'> }
  /** `byHand`: the shopper has just asked for it, so what WeChat takes over may begin by itself. */
  | { type: 'task-began'; task: 'opening' | 'renewing'; way: TradeType; byHand: boolean }
  | { type: 'task-troubled'; trouble: Trouble }
  | { type: 'task-ended' }
  | { type: 'task-failed'; failure: Failure }
  | { type: 'view'; view: CheckoutView }
  | { type: 'status'; status: CheckoutStatus }
  | { type: 'request-answered' }
  | { type: 'request-failed' }
  | { type: 'browser-offline'; offline: boolean }
  | { type: 'time-passed' }
  | { type: 'extension-refused' }
  | { type: 'said-paid'; said: boolean }
  | { type: 'fell-back'; why: Fallback }
  | HandOverEvent
  | { type: 'reset' }

/** From here on the page offers more time. */
export const lastMinuteMs = 60_000
/** After this long without a code the page says that it is still working. */
export const slowAfterMs = 3_000
/** After this long unpaid the words change: help, "I have paid", contact, a new code. */
export const longWaitMs = 200_000

/**
 * The page's whole behaviour: what it knows and what happened, to what it knows next. No clock, no network.
 * Returns the very same object when nothing changes.
 *
 * @param at - when it happened, in milliseconds on the scale of performance.now()
 */
export function reduce(state: CheckoutState, event: CheckoutEvent, at: number): CheckoutState {
  const known = apply(state, event, at)
  if (known === state) return state
  const display = displayOf(known)
  return display === known.display ? known : { ...known, display, displaySince: at }
}

function apply(state: CheckoutState, event: CheckoutEvent, at: number): CheckoutState {
  switch (event.type) {
    case 'task-began':
      return beginTask(state, event)
    case 'task-troubled':
      return state.trouble === event.trouble ? state : { ...state, trouble: event.trouble }
    case 'task-ended':
      return state.task === null ? state : { ...state, task: null, trouble: null, handOver: handOverFor(state.view, state.handOver) }
    case 'task-failed':
      return { ...state, task: null, trouble: null, failure: event.failure, handOver: notByItself(state.handOver) }
    case 'view':
      return acceptView(state, event.view, at)
    case 'status':
      return acceptStatus(state, event.status, at)
    case 'request-answered':
      return requestEnded(state, 0)
    case 'request-failed':
      return requestEnded(state, state.failedRequests + 1)
    case 'browser-offline':
      return state.browserOffline === event.offline ? state : { ...state, browserOffline: event.offline }
    case 'time-passed':
      return passTime(state, at)
    case 'extension-refused':
      return { ...state, extendable: false }
    case 'said-paid':
      return { ...state, saidPaid: event.said }
    case 'fell-back':
      return { ...state, fallback: event.why }
    case 'handed-over':
    case 'handed-back':
      return passHandOver(state, event)
    case 'reset':
      return { ...idleState, browserOffline: state.browserOffline }
  }
}

function beginTask(state: CheckoutState, event: Extract<CheckoutEvent, { type: 'task-began' }>): CheckoutState {
  const begun = { ...state, task: event.task, trouble: null, failure: null }
  if (!('way' in event)) return begun
  return { ...begun, taskWay: event.way, handOver: { ...offeredHandOver, step: event.byHand ? 'due' : 'offered' } }
}

function requestEnded(state: CheckoutState, failedRequests: number): CheckoutState {
  const handOver = handOverAsked(state.handOver)
  return state.failedRequests === failedRequests && handOver === state.handOver ? state : { ...state, failedRequests, handOver }
}

/** News of another payment than the one on the screen changes nothing. */
function passHandOver(state: CheckoutState, event: HandOverEvent): CheckoutState {
  if (identityOf(state.view?.action) !== event.of) return state
  const handOver = handOverAfter(state.handOver, event)
  if (handOver === state.handOver) return state
  return { ...state, handOver, saidPaid: event.type === 'handed-back' && event.result === 'done' }
}

/** A whole view counts when it is newer, or when it brings the rest of a version known from a status answer. */
function acceptView(state: CheckoutState, view: CheckoutView, at: number): CheckoutState {
  const known = state.view
  const isNews = known === null || known.token !== view.token || view.version > known.version
  const completes = known?.version === view.version && state.viewIsStale
  if (!isNews && !completes) return state
  if (known?.token === view.token && reverts(known, view)) return state
  const hasNewCode = view.action !== null && identityOf(view.action) !== identityOf(known?.action)
  return accept(state, {
    view,
    viewIsStale: false,
    at,
    ...(hasNewCode && { codeShownAt: at, waitedLong: false, extendable: true, handOver: handOverOf(state, view) }),
  })
}

/** A status answer counts only when its version is higher. */
function acceptStatus(state: CheckoutState, status: CheckoutStatus, at: number): CheckoutState {
  const known = state.view
  if (known === null || status.version <= known.version || reverts(known, status)) return state
  return accept(state, { view: { ...known, ...status }, viewIsStale: status.status === 'unpaid', at })
}

/** Final states never revert: paid stays paid, and what is closed can only turn out to be paid. */
function reverts(known: CheckoutStatus, next: CheckoutStatus): boolean {
  if (known.status === 'paid') return next.status !== 'paid'
  return known.status === 'closed' && next.status === 'unpaid'
}

/**
 * Of an action that is new here. A link to WeChat's page is only ever made to be followed at once: one that this page has not asked for
 * means that the shopper may be back from there.
 */
function handOverOf({ task, handOver }: CheckoutState, { action }: CheckoutView): HandOver {
  if (handOver.step === 'due') return handOver
  const isReturn = action?.tradeType === 'h5' && task !== 'opening' && task !== 'renewing'
  return isReturn ? { ...offeredHandOver, step: 'back', result: 'returned' } : offeredHandOver
}

/** What was asked for did not come: whatever comes later waits for a tap. */
function notByItself(handOver: HandOver): HandOver {
  return handOver.step === 'due' ? offeredHandOver : handOver
}

/** Without a payment to hand over nothing may begin by itself later. */
function handOverFor(view: CheckoutView | null, handOver: HandOver): HandOver {
  return view?.attempt === 'pending' || view?.attempt === 'preparing' ? handOver : notByItself(handOver)
}

type News = Pick<CheckoutState, 'viewIsStale'> & Partial<CheckoutState> & { view: CheckoutView; at: number }

function accept(state: CheckoutState, { at, ...news }: News): CheckoutState {
  const { remainingMs } = news.view
  const over = isFinal(news.view) ? { task: null, trouble: null } : {}
  const codeEndsAt = remainingMs === null ? null : at + remainingMs
  // While a new payment is being asked for, the old one is on its way out: that says nothing about the new one.
  const isOther = state.task === 'renewing' && !isFinal(news.view)
  const handOver = isOther ? state.handOver : handOverFor(news.view, state.handOver)
  return { ...state, handOver, ...over, ...news, codeEndsAt, timeLeft: timeLeftAt(codeEndsAt, at), failure: null, saidPaid: false }
}

function timeLeftAt(codeEndsAt: number | null, at: number): CheckoutState['timeLeft'] {
  if (codeEndsAt === null) return 'plenty'
  if (codeEndsAt <= at) return 'none'
  return codeEndsAt - at <= lastMinuteMs ? 'last-minute' : 'plenty'
}

function passTime(state: CheckoutState, at: number): CheckoutState {
  const timeLeft = timeLeftAt(state.codeEndsAt, at)
  const waitedLong = state.codeShownAt !== null && at - state.codeShownAt >= longWaitMs
  const slow = state.display === 'creating' && state.trouble === null && at - state.displaySince >= slowAfterMs
  if (timeLeft === state.timeLeft && waitedLong === state.waitedLong && !slow) return state
  return { ...state, timeLeft, waitedLong, trouble: slow ? 'slow' : state.trouble }
}
