import type { CheckoutView } from 'wxpay-core/contract'
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
  if (!hasLiveCode(state, view)) return 'creating'
  if (isOffline(state)) return 'offline'
  return state.timeLeft === 'last-minute' ? 'expiring' : 'waiting'
}

/** A code that may be scanned now. One that may have been replaced is not shown while the new one cannot be fetched. */
function hasLiveCode(state: CheckoutState, view: CheckoutView): boolean {
  return view.attempt === 'pending' && view.action !== null && state.timeLeft !== 'none' && !(state.viewIsStale && state.failedRequests > 0)
}

/** The code to draw, or null where none may be scanned. */
export function codeToShow(state: CheckoutState): string | null {
  const shown = state.display === 'waiting' || state.display === 'expiring' || state.display === 'offline'
  const action = state.view?.action
  return shown && action?.tradeType === 'native' ? action.codeUrl : null
}

/** Nothing that comes later changes what the shopper was told. */
export function isFinal(view: CheckoutView | null): boolean {
  return view !== null && view.status !== 'unpaid'
}
