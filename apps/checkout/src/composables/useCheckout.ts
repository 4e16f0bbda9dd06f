import { computed, onScopeDispose, shallowReadonly, shallowRef, watch } from 'vue'
import type { CheckoutView } from 'wxpay-core/contract'
import type { Fen } from 'wxpay-core/money'
import { asApiError, type ApiError } from '../api/ApiError.ts'
import type { CheckoutApi } from '../api/checkoutApi.ts'
import { isFinal } from '../checkout/display.ts'
import type { Opening, PendingRequests } from '../checkout/pendingRequests.ts'
import { reduce, type CheckoutEvent } from '../checkout/reducer.ts'
import { idleState, type Task, type Trouble } from '../checkout/state.ts'
import { onReturn } from '../support/onReturn.ts'
import { sendUntilAnswered } from '../support/sendUntilAnswered.ts'
import { wakeableSleep } from '../support/wakeableSleep.ts'
import { useCountdown } from './useCountdown.ts'
import { useMoment } from './useMoment.ts'
import { usePaymentStatus } from './usePaymentStatus.ts'

export interface UseCheckoutOptions {
  loadApi(): Promise<CheckoutApi>
  pending: PendingRequests
  /** The order is stored: the page's address can become its own. */
  onOpened(token: string): void
}

/** One shopper's payment from the amount to the end: the reducer's state, and everything a person can do. */
export function useCheckout({ loadApi, pending, onOpened }: UseCheckoutOptions) {
  const state = shallowRef(idleState)
  const dispatch = (event: CheckoutEvent) => {
    state.value = reduce(state.value, event, performance.now())
  }
  const token = computed(() => state.value.view?.token ?? null)

  const moment = useMoment(computed(() => state.value.display !== 'idle' && !isFinal(state.value.view)))
  watch(moment.moment, () => dispatch({ type: 'time-passed' }), { flush: 'sync' })
  const secondsLeft = useCountdown(
    computed(() => state.value.codeEndsAt),
    moment,
  )

  const status = usePaymentStatus({
    loadApi,
    known: () => ({
      version: state.value.view?.version ?? null,
      isStale: state.value.viewIsStale,
      isFinal: isFinal(state.value.view),
      isCutOff: state.value.failedRequests > 0,
    }),
    onView: (view) => {
      const isNews = takesAsNews({ type: 'view', view })
      if (state.value.task === 'loading') dispatch({ type: 'task-ended' })
      return isNews
    },
    onStatus: (answer) => takesAsNews({ type: 'status', status: answer }),
    onAnswer: () => dispatch({ type: 'request-answered' }),
    onFailure: (cause) => {
      dispatch({ type: 'request-failed' })
      const error = asApiError(cause)
      if (error.details.status !== 404) return true
      fail('loading', error)
      return false
    },
  })

  function takesAsNews(event: CheckoutEvent): boolean {
    const before = state.value.view
    dispatch(event)
    return state.value.view !== before
  }

  // ── What is being sent ────────────────────────────────────────────────────────────────────────────────────────────
  const pause = wakeableSleep()
  /** Rises when the shopper leaves a payment: what was sent for it is not waited for any more. */
  let visit = 0

  /** One at a time: a second press while one is under way does nothing. */
  async function perform(
    task: Task,
    send: (api: CheckoutApi) => Promise<CheckoutView>,
    settle?: (error: ApiError | null) => void,
  ): Promise<void> {
    if (state.value.task !== null) return
    const myVisit = visit
    const isWanted = () => myVisit === visit
    dispatch({ type: 'task-began', task })
    try {
      const view = await sendUntilAnswered({
        send: async () => send(await loadApi()),
        onTrouble: (error) => dispatch({ type: 'task-troubled', trouble: troubleOf(error) }),
        sleep: pause.sleep,
        isWanted,
      })
      if (!isWanted()) return
      dispatch({ type: 'view', view })
      dispatch({ type: 'task-ended' })
      settle?.(null)
    } catch (cause) {
      if (!isWanted()) return
      const error = asApiError(cause)
      settleFailure(task, error)
      settle?.(error)
    }
  }

  /** A 409 tells how the order stands: that is an answer, not a failure. The one that is about the merchant is a failure. */
  function settleFailure(task: Task, error: ApiError): void {
    const { view, status: httpStatus, code } = error.details
    if (view) dispatch({ type: 'view', view })
    if (httpStatus !== 409 || code === 'trade_type_not_enabled') return fail(task, error)
    dispatch({ type: 'task-ended' })
    if (task === 'extending') dispatch({ type: 'extension-refused' })
    status.askNow()
  }

  function fail(task: Task, error: ApiError): void {
    const { code, requestId } = error.details
    dispatch({ type: 'task-failed', failure: { task, code, requestId, mayRetry: error.mayRepeat } })
  }

  function send(opening: Opening): void {
    const { key, amountFen } = opening
    void perform(
      'opening',
      (api) => api.openCheckout({ amountFen }, key),
      (error) => {
        if (!error?.mayRepeat) pending.endOpening()
        if (error || token.value === null) return
        onOpened(token.value)
        status.follow(token.value)
      },
    )
  }

  function renew(): void {
    const current = token.value
    if (current === null || state.value.task !== null) return
    const key = pending.renewalKey(current)
    void perform(
      'renewing',
      (api) => api.startPayment(current, key),
      (error) => {
        if (!error?.mayRepeat) pending.endRenewal(current)
      },
    )
  }

  function follow(followed: string): void {
    leave()
    dispatch({ type: 'task-began', task: 'loading' })
    status.follow(followed)
    resumeRenewal(followed)
  }

  /** The page was reloaded while a new code was being asked for: the same request again, once the order is on the screen. */
  function resumeRenewal(followed: string): void {
    if (!pending.isRenewing(followed)) return
    const stop = watch(token, (loaded) => {
      stop()
      if (loaded === followed && !isFinal(state.value.view)) queueMicrotask(renew)
      else pending.endRenewal(followed)
    })
  }

  function leave(): void {
    visit++
    pause.wake()
    status.stop()
    dispatch({ type: 'reset' })
  }

  // ── The world outside ─────────────────────────────────────────────────────────────────────────────────────────────
  const noteConnection = () => dispatch({ type: 'browser-offline', offline: !navigator.onLine })
  window.addEventListener('offline', noteConnection)
  window.addEventListener('online', noteConnection)
  const stopListening = onReturn(pause.wake)
  noteConnection()
  onScopeDispose(() => {
    visit++
    pause.wake()
    stopListening()
    window.removeEventListener('offline', noteConnection)
    window.removeEventListener('online', noteConnection)
  })

  return {
    state: shallowReadonly(state),
    token,
    secondsLeft,
    /** The same amount again, while its request has no answer, is the same request. */
    open(amountFen: Fen): void {
      if (state.value.task !== null) return
      const unanswered = pending.opening()
      send(unanswered?.amountFen === amountFen ? unanswered : pending.beginOpening(amountFen))
    },
    /** After a reload in the middle of opening. @returns the amount, or null when nothing was under way */
    resumeOpening(): Fen | null {
      const unanswered = pending.opening()
      if (unanswered) send(unanswered)
      return unanswered?.amountFen ?? null
    },
    follow,
    renew,
    extend: () => void perform('extending', (api) => api.extend(token.value ?? '')),
    cancel: () => void perform('cancelling', (api) => api.cancel(token.value ?? '')),
    sayPaid(): void {
      dispatch({ type: 'said-paid', said: true })
      status.askNow()
    },
    showCodeAgain: () => dispatch({ type: 'said-paid', said: false }),
    /** Back to the beginning; what was being opened is given up. */
    leave(): void {
      pending.endOpening()
      leave()
    },
  }
}

export type Checkout = ReturnType<typeof useCheckout>

function troubleOf({ details }: ApiError): Trouble {
  if (details.status === 429) return 'busy'
  if (details.code === 'request_in_progress') return 'slow'
  return details.status === null ? 'no-connection' : 'no-answer'
}
