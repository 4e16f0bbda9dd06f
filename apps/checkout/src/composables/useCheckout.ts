import { computed, onScopeDispose, shallowReadonly, shallowRef, watch } from 'vue'
import type { Action, TradeType } from 'wxpay-core/contract'
import type { Fen } from 'wxpay-core/money'
import { asApiError } from '../api/ApiError.ts'
import type { CheckoutApi } from '../api/checkoutApi.ts'
import { isFinal } from '../checkout/display.ts'
import { identityOf, type HandBack } from '../checkout/handOver.ts'
import type { PendingRequests } from '../checkout/pendingRequests.ts'
import { awaitsRefund } from '../checkout/refunds.ts'
import { reduce, type CheckoutEvent } from '../checkout/reducer.ts'
import { idleState } from '../checkout/state.ts'
import { useCountdown } from './useCountdown.ts'
import { useMoment } from './useMoment.ts'
import { usePaymentRequests } from './usePaymentRequests.ts'
import { usePaymentStatus } from './usePaymentStatus.ts'

export interface UseCheckoutOptions {
  loadApi(): Promise<CheckoutApi>
  pending: PendingRequests
  /** The order is stored: the page's address can become its own. */
  onOpened(token: string): void
  /** Leaves the page. */
  goTo?(address: string): void
}

/** One shopper's payment from the amount to the end: the reducer's state, and everything a person can do. */
export function useCheckout({ loadApi, pending, onOpened, goTo = (address) => location.assign(address) }: UseCheckoutOptions) {
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
      awaitsRefund: awaitsRefund(state.value.view),
      isUrgent: state.value.failedRequests > 0 || state.value.handOver.step === 'asking',
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
      requests.fail('loading', error)
      return false
    },
  })

  function takesAsNews(event: CheckoutEvent): boolean {
    const before = state.value.view
    dispatch(event)
    return state.value.view !== before
  }

  const requests = usePaymentRequests({
    state,
    dispatch,
    loadApi,
    pending,
    onOpened(opened) {
      onOpened(opened)
      status.follow(opened)
    },
    onConflict: () => status.askNow(),
    goTo,
  })

  function renew(tradeType: TradeType, byHand = true): void {
    const current = token.value
    if (current === null || state.value.task !== null) return
    void requests.renew(current, pending.beginRenewal(current, tradeType), byHand)
  }

  function follow(followed: string): void {
    leave()
    dispatch({ type: 'task-began', task: 'loading' })
    status.follow(followed)
    resumeRenewal(followed)
  }

  /** The page was reloaded while a new payment was being asked for: the same request again, once the order is on the screen. */
  function resumeRenewal(followed: string): void {
    const unanswered = pending.renewal(followed)
    if (unanswered === null) return
    const stop = watch(token, (loaded) => {
      stop()
      if (loaded === followed && !isFinal(state.value.view)) queueMicrotask(() => renew(unanswered.tradeType, false))
      else pending.endRenewal(followed)
    })
  }

  function leave(): void {
    requests.abandon()
    status.stop()
    dispatch({ type: 'reset' })
  }

  const noteConnection = () => dispatch({ type: 'browser-offline', offline: !navigator.onLine })
  window.addEventListener('offline', noteConnection)
  window.addEventListener('online', noteConnection)
  noteConnection()
  onScopeDispose(() => {
    window.removeEventListener('offline', noteConnection)
    window.removeEventListener('online', noteConnection)
  })

  return {
    state: shallowReadonly(state),
    token,
    secondsLeft,
    /** The same amount again, while its request has no answer, is the same request. */
    open(amountFen: Fen, tradeType: TradeType): void {
      if (state.value.task !== null) return
      const unanswered = pending.opening()
      const isSame = unanswered?.amountFen === amountFen && unanswered.tradeType === tradeType
      void requests.open(isSame ? unanswered : pending.beginOpening({ amountFen, tradeType }), true)
    },
    /** After a reload in the middle of opening. @returns the amount, or null when nothing was under way */
    resumeOpening(): Fen | null {
      const unanswered = pending.opening()
      if (unanswered) void requests.open(unanswered, false)
      return unanswered?.amountFen ?? null
    },
    follow,
    renew: (tradeType: TradeType) => renew(tradeType),
    extend: () => void requests.change('extending', (api) => api.extend(token.value ?? '')),
    cancel: () => void requests.change('cancelling', (api) => api.cancel(token.value ?? '')),
    sayPaid(): void {
      dispatch({ type: 'said-paid', said: true })
      status.askNow()
    },
    showCodeAgain: () => dispatch({ type: 'said-paid', said: false }),
    /** WeChat's own sheet or page takes the payment over. @returns false when it has it already: a second tap does nothing */
    handOver(action: Action): boolean {
      const before = state.value.handOver
      dispatch({ type: 'handed-over', of: identityOf(action) })
      return state.value.handOver !== before
    },
    /** What came back proves nothing: the server is asked, whatever it was. */
    handBack(action: Action, result: HandBack, detail: string | null = null): void {
      dispatch({ type: 'handed-back', of: identityOf(action), result, detail })
      status.askNow({ evenIfFresh: state.value.handOver.step === 'asking' })
    },
    /** Back to the beginning; what was being opened is given up. */
    leave(): void {
      pending.endOpening()
      leave()
    },
  }
}

export type Checkout = ReturnType<typeof useCheckout>
