import { onScopeDispose, type Ref } from 'vue'
import type { CheckoutView, TradeType } from 'wxpay-core/contract'
import { ApiError, asApiError } from '../api/ApiError.ts'
import type { CheckoutApi } from '../api/checkoutApi.ts'
import type { Opening, PendingRequests, Renewal } from '../checkout/pendingRequests.ts'
import { askWhoAddress, recourseFor } from '../checkout/recourse.ts'
import type { CheckoutEvent } from '../checkout/reducer.ts'
import type { CheckoutState, Task, Trouble } from '../checkout/state.ts'
import { onReturn } from '../support/onReturn.ts'
import { sendUntilAnswered } from '../support/sendUntilAnswered.ts'
import { wakeableSleep } from '../support/wakeableSleep.ts'

export interface UsePaymentRequestsOptions {
  state: Readonly<Ref<CheckoutState>>
  dispatch(event: CheckoutEvent): void
  loadApi(): Promise<CheckoutApi>
  pending: PendingRequests
  onOpened(token: string): void
  /** A refusal told that something is not as the page thinks. */
  onConflict(): void
  /** Leaves the page. */
  goTo(address: string): void
}

/** What the shopper has sent: one request at a time, each repeated until it is answered, none waited for by a shopper who has left. */
export function usePaymentRequests({ state, dispatch, loadApi, pending, onOpened, onConflict, goTo }: UsePaymentRequestsOptions) {
  const pause = wakeableSleep()
  /** Rises when the shopper leaves a payment: what was sent for it is not waited for any more. */
  let visit = 0

  /** @returns the view, the refusal, or null when nobody waits for it any more */
  async function answerTo(send: (api: CheckoutApi) => Promise<CheckoutView>): Promise<CheckoutView | ApiError | null> {
    const myVisit = visit
    const isWanted = () => myVisit === visit
    try {
      const view = await sendUntilAnswered({
        send: async () => send(await loadApi()),
        onTrouble: (error) => dispatch({ type: 'task-troubled', trouble: troubleOf(error) }),
        sleep: pause.sleep,
        isWanted,
      })
      return isWanted() ? view : null
    } catch (cause) {
      return isWanted() ? asApiError(cause) : null
    }
  }

  function settle(view: CheckoutView): void {
    dispatch({ type: 'view', view })
    dispatch({ type: 'task-ended' })
  }

  /** A 409 tells how the order stands: that is an answer, not a failure. */
  function settleFailure(task: Task, error: ApiError): void {
    const { view, status: httpStatus, code } = error.details
    if (view) dispatch({ type: 'view', view })
    if (httpStatus !== 409 || code === 'trade_type_not_enabled') return fail(task, error)
    dispatch({ type: 'task-ended' })
    if (task === 'extending') dispatch({ type: 'extension-refused' })
    onConflict()
  }

  function fail(task: Task, error: ApiError): void {
    const { code, requestId } = error.details
    dispatch({ type: 'task-failed', failure: { task, code, requestId, mayRetry: error.mayRepeat } })
  }

  async function change(task: 'extending' | 'cancelling', send: (api: CheckoutApi) => Promise<CheckoutView>): Promise<void> {
    if (state.value.task !== null) return
    dispatch({ type: 'task-began', task })
    const answer = await answerTo(send)
    if (answer instanceof ApiError) settleFailure(task, answer)
    else if (answer) settle(answer)
  }

  /** @param byHand - the shopper has just asked for it: what WeChat takes over begins by itself */
  async function open(opening: Opening, byHand: boolean): Promise<void> {
    const { key, amountFen, tradeType } = opening
    dispatch({ type: 'task-began', task: 'opening', way: tradeType, byHand })
    const answer = await answerTo((api) => api.openCheckout({ amountFen, tradeType }, key))
    if (answer === null) return
    if (answer instanceof ApiError) {
      if (!answer.mayRepeat) pending.endOpening()
      const next = anotherTry(answer, tradeType, (way) => pending.beginOpening({ amountFen, tradeType: way }))
      if (next) next((request) => void open(request, byHand))
      else settleFailure('opening', answer)
      return
    }
    pending.endOpening()
    payerIsKnown(tradeType)
    settle(answer)
    onOpened(answer.token)
  }

  /** Another attempt to pay the same order. */
  async function renew(token: string, renewal: Renewal, byHand: boolean): Promise<void> {
    const { key, tradeType } = renewal
    dispatch({ type: 'task-began', task: 'renewing', way: tradeType, byHand })
    const answer = await answerTo((api) => api.startPayment(token, tradeType, key))
    if (answer === null) return
    if (answer instanceof ApiError) {
      if (!answer.mayRepeat) pending.endRenewal(token)
      const next = anotherTry(answer, tradeType, (way) => pending.beginRenewal(token, way))
      if (next) next((request) => void renew(token, request, byHand))
      else settleFailure('renewing', answer)
      return
    }
    pending.endRenewal(token)
    payerIsKnown(tradeType)
    settle(answer)
  }

  /**
   * A refusal with a way out that needs no question: its request is remembered, under a key of its own, and made again, here and now or
   * by the page that comes back from WeChat. Null when the shopper has to be told.
   */
  function anotherTry<Request>(error: ApiError, way: TradeType, begin: (way: TradeType) => Request) {
    const recourse = recourseFor(error, way, pending.wasAskedWho())
    if (recourse === null) return null
    const request = begin(recourse === 'ask-who' ? way : 'native')
    return (make: (request: Request) => void): void => {
      if (recourse !== 'ask-who') {
        dispatch({ type: 'fell-back', why: recourse })
        return make(request)
      }
      pending.noteAskedWho()
      onceRestored = () => make(request)
      goTo(askWhoAddress(location))
    }
  }

  function payerIsKnown(way: TradeType): void {
    if (way === 'jsapi') pending.endAskedWho()
  }

  // ── The world outside ─────────────────────────────────────────────────────────────────────────────────────────────
  /** After "back" from WeChat's page the browser may show this very page again, in the middle of leaving. */
  let onceRestored: (() => void) | null = null
  const onPageShow = ({ persisted }: PageTransitionEvent) => {
    const resume = persisted ? onceRestored : null
    if (resume) onceRestored = null
    resume?.()
  }
  window.addEventListener('pageshow', onPageShow)
  const stopListening = onReturn(pause.wake)

  function abandon(): void {
    visit++
    onceRestored = null
    pause.wake()
  }

  onScopeDispose(() => {
    abandon()
    stopListening()
    window.removeEventListener('pageshow', onPageShow)
  })

  return { open, renew, change, fail, abandon }
}

function troubleOf({ details }: ApiError): Trouble {
  if (details.status === 429) return 'busy'
  if (details.code === 'request_in_progress') return 'slow'
  return details.status === null ? 'no-connection' : 'no-answer'
}
