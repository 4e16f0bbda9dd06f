import type { Action, CheckoutView, TradeType } from 'wxpay-core/contract'
import type { CheckoutState, Display } from './state.ts'

/** Two failed requests in a row, or the browser says so. */
const failuresThatMeanOffline = 2

export function isOffline(state: Pick<CheckoutState, 'browserOffline' | 'failedRequests'>): boolean {
  return state.browserOffline || state.failedRequests >= failuresThatMeanOffline
}

/** What to show for what is known. The server's word about the money comes before anything local. */
export function displayOf(state: CheckoutState): Display {
  const { view } = state
  if (view?.status === 'paid') return 'paid'
  if (view?.status === 'closed') return view.closedReason === 'expired' ? 'expired' : 'closed'
  if (view?.problem?.code === 'amount_mismatch' || view?.problem?.code === 'paid_twice') return 'error'
  if (view?.confirming) return 'checking'
  if (state.task === 'opening' || state.task === 'renewing') return 'creating'
  if (state.failure && !(view && hasLiveCode(state, view))) return 'error'
  if (!view) return state.task === 'loading' ? 'checking' : 'idle'
  if (state.saidPaid) return 'checking'
  return displayOfAttempt(state, view)
}

function displayOfAttempt(state: CheckoutState, view: CheckoutView): Display {
  switch (view.attempt) {
    case 'preparing':
      return 'creating'
    case 'closing':
      return 'checking'
    case 'refused':
      return 'error'
    case 'closed':
    case null:
      return 'expired'
    case 'pending':
      return displayOfCode(state, view)
  }
}

function displayOfCode(state: CheckoutState, view: CheckoutView): Display {
  if (state.timeLeft === 'none') return 'checking'
  if (!hasLiveCode(state, view) && !isForAnother(state)) return 'creating'
  if (state.handOver.step === 'asking' || isBackFromLink(state)) return 'checking'
  if (isOffline(state)) return 'offline'
  return state.timeLeft === 'last-minute' ? 'expiring' : 'waiting'
}

/** A code that may be scanned now. One that may have been replaced is not shown while the new one cannot be fetched. */
function hasLiveCode(state: CheckoutState, view: CheckoutView): boolean {
  return view.attempt === 'pending' && view.action !== null && state.timeLeft !== 'none' && !(state.viewIsStale && state.failedRequests > 0)
}

/** A payment that somebody makes in WeChat: what opens it there is told to nobody else. */
export function isForAnother({ view, viewIsStale }: Pick<CheckoutState, 'view' | 'viewIsStale'>): boolean {
  return view?.attempt === 'pending' && view.tradeType === 'jsapi' && view.action === null && !viewIsStale
}

function isBackFromLink({ handOver }: Pick<CheckoutState, 'handOver'>): boolean {
  return handOver.step === 'back' && handOver.result === 'returned'
}

/** Back from WeChat's page before the payment is known to be settled: only the shopper knows whether they have paid. */
export function asksWhetherPaid(state: CheckoutState): boolean {
  const { view, saidPaid, display, timeLeft } = state
  if (display !== 'checking' || saidPaid || view === null || view.confirming) return false
  return view.attempt === 'pending' && view.action?.tradeType === 'h5' && timeLeft !== 'none' && isBackFromLink(state)
}

/** A payment is there that may be made now, here or elsewhere. */
export function isPayable({ display }: Pick<CheckoutState, 'display'>): boolean {
  return display === 'waiting' || display === 'expiring' || display === 'offline'
}

/** What the payer's device may be given now, or null. */
export function liveAction(state: CheckoutState): Action | null {
  return isPayable(state) ? (state.view?.action ?? null) : null
}

/** The code to draw, or null where none may be scanned. */
export function codeToShow(state: CheckoutState): string | null {
  const action = liveAction(state)
  return action?.tradeType === 'native' ? action.codeUrl : null
}

/** How the payment on the screen, or the one being made, is paid. */
export function wayOf({ task, taskWay, view }: Pick<CheckoutState, 'task' | 'taskWay' | 'view'>): TradeType {
  const isBeingMade = task === 'opening' || task === 'renewing' || view === null
  return (isBeingMade ? taskWay : view.tradeType) ?? 'native'
}

/** WeChat's page can be opened for 5 minutes after the order was made (h5_url in the chapter on H5 orders). */
const linkLifeMs = 300_000

export function linkIsAlive({ codeShownAt }: Pick<CheckoutState, 'codeShownAt'>, at: number): boolean {
  return codeShownAt !== null && at - codeShownAt < linkLifeMs
}

/** Nothing that comes later changes what the shopper was told. */
export function isFinal(view: CheckoutView | null): boolean {
  return view !== null && view.status !== 'unpaid'
}
