import type { JsapiInvoke, Order } from './answers'
import type { CheckoutState, Display } from './state'

/** Two failed requests in a row, or the phone says so. */
const failuresThatMeanOffline = 2

export function isOffline({ disconnected, failedRequests }: Pick<CheckoutState, 'disconnected' | 'failedRequests'>): boolean {
  return disconnected || failedRequests >= failuresThatMeanOffline
}

/** What to show for what is known. The server's word about the money comes before anything local. */
export function displayOf(state: CheckoutState): Display {
  const { order, task, failure } = state
  if (order?.status === 'paid') return 'paid'
  if (order?.status === 'closed') return 'closed'
  if (order?.problem === 'amount_mismatch' || order?.problem === 'paid_twice') return 'error'
  if (order?.confirming) return 'checking'
  if (task === 'opening' || task === 'renewing') return 'creating'
  if (failure) return 'error'
  if (task === 'asking' || task === 'loading') return 'checking'
  return order ? displayOfAttempt(state, order) : 'idle'
}

function displayOfAttempt(state: CheckoutState, order: Order): Display {
  switch (order.attempt) {
    case 'preparing':
      return 'creating'
    case 'closing':
      return 'checking'
    case 'refused':
      return 'error'
    case 'closed':
    case null:
      return isOffline(state) ? 'offline' : 'waiting'
    case 'pending':
      if (state.sheet === 'ok' || state.timeIsUp) return 'checking'
      if (state.payNext) return 'creating'
      return isOffline(state) ? 'offline' : 'waiting'
  }
}

/** The end of the attempt that the payer sees running out; null where no time is shown. */
export function countedDown(state: CheckoutState): number | null {
  const display = displayOf(state)
  return (display === 'waiting' || display === 'offline') && state.order?.attempt === 'pending' ? state.endsAt : null
}

/** What wx.requestPayment is to be called with now; null while there is nothing to pay, or nobody has pressed "pay". */
export function invokeDue(state: CheckoutState): JsapiInvoke | null {
  const { order, orderIsStale, task, payNext, sheet, timeIsUp } = state
  const isOpen = order?.status === 'unpaid' && order.attempt === 'pending' && !order.confirming && !timeIsUp
  return isOpen && payNext && !orderIsStale && task === null && sheet === 'none' ? order.invoke : null
}

/** An attempt that can still be paid here, by its latest view: of this mini program's own appid, and with time left. */
export function isPayable(order: Order, appId: string): boolean {
  const { attempt, invoke, remainingMs } = order
  return attempt === 'pending' && invoke?.appId === appId && remainingMs !== null && remainingMs > 0
}
