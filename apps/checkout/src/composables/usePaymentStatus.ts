import { onScopeDispose } from 'vue'
import type { CheckoutStatus, CheckoutView } from 'wxpay-core/contract'
import type { CheckoutApi } from '../api/checkoutApi.ts'
import { createLongPoll } from '../support/longPoll.ts'
import { onReturn } from '../support/onReturn.ts'

const isVisible = () => document.visibilityState === 'visible'

/** As long as the contract lets the server hold a request, less a margin for proxies. */
const waitSeconds = 20

export interface UsePaymentStatusOptions {
  loadApi(): Promise<CheckoutApi>
  /** What is known of the checkout: nothing yet, a version, or a version whose whole view is still to be fetched; and whether the next answer must not be held. */
  known(): { version: number | null; isStale: boolean; isFinal: boolean; isUrgent: boolean; awaitsRefund: boolean }
  /** Each answers whether it was news. */
  onView(view: CheckoutView): boolean
  onStatus(status: CheckoutStatus): boolean
  onAnswer(): void
  /** @returns false when there is no sense in asking on */
  onFailure(cause: unknown): boolean
}

/**
 * Follows one checkout by its status until it is paid or closed; and then while money goes back, as long as somebody looks. Once more whenever
 * they come back to the page: a refund may have begun meanwhile.
 */
export function usePaymentStatus({ loadApi, known, onView, onStatus, onAnswer, onFailure }: UsePaymentStatusOptions) {
  let poll: ReturnType<typeof createLongPoll> | null = null
  let looksAgain = false

  function pollOf(token: string) {
    let gaveUp = false
    return createLongPoll({
      next() {
        const { version, isStale, isFinal, isUrgent, awaitsRefund } = known()
        const isReturn = looksAgain
        looksAgain = false
        if (gaveUp || (isFinal && !isReturn && !(awaitsRefund && isVisible()))) return null
        if (version === null || isStale) {
          return { holdMs: 0, ask: async (signal) => onView(await (await loadApi()).fetchCheckout(token, signal)) }
        }
        const fetchStatus = async (seconds: number, signal: AbortSignal) =>
          onStatus(await (await loadApi()).fetchStatus(token, { version, waitSeconds: seconds, signal }))
        if (!isUrgent && !(isFinal && isReturn)) return { holdMs: waitSeconds * 1000, ask: (signal) => fetchStatus(waitSeconds, signal) }
        // Not held: that the server answers is news, and "offline" goes away at once instead of after a whole wait.
        return {
          holdMs: 0,
          async ask(signal) {
            await fetchStatus(0, signal)
            return true
          },
        }
      },
      onAnswer,
      onFailure(cause) {
        gaveUp = !onFailure(cause)
      },
    })
  }

  const askNow = (how?: { evenIfFresh: boolean }) => poll?.askNow(how)
  const stopListening = onReturn(() => {
    looksAgain = true
    askNow()
  })
  const stop = () => {
    poll?.stop()
    poll = null
  }
  onScopeDispose(() => {
    stopListening()
    stop()
  })

  return {
    follow(token: string): void {
      stop()
      poll = pollOf(token)
      poll.start()
    },
    askNow,
    stop,
  }
}
