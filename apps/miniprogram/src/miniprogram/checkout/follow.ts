import type { CheckoutApi, Refusal } from './api'
import { createPoll, type Question } from './poll'
import { isFinal, type CheckoutEvent, type CheckoutState } from './state'

/** As long as the contract lets the server hold a request, less a margin for proxies. */
const waitSeconds = 20

export interface FollowOptions {
  api: CheckoutApi
  token: string
  state(): CheckoutState
  dispatch(event: CheckoutEvent): void
  /** Of a clock that only grows, in milliseconds. */
  now(): number
  /** The first answer about the order. */
  onLoaded(): void
  /** @returns false when there is no sense in asking on */
  onRefusal(refusal: Refusal): boolean
}

/** Follows one order by its status until it is paid or closed. */
export function followOrder({ api, token, state, dispatch, now, onLoaded, onRefusal }: FollowOptions) {
  let gaveUp = false
  /** Asked for at once, without being held: how much time is left is not known after a while in the background. */
  let timeIsUnknown = false

  function takesAsNews(event: CheckoutEvent): boolean {
    const before = state().order
    dispatch(event)
    return state().order !== before
  }

  const wholeOrder: Question = {
    holdMs: 0,
    async ask(onStart) {
      const answer = await api.fetchOrder(token, onStart)
      if (!answer.ok) return answer
      const isNews = takesAsNews({ type: 'order', order: answer.value, at: now() })
      onLoaded()
      return { ok: true, isNews }
    },
  }

  /** Not held after a lost request: that the server answers again is news, and "offline" goes away at once. */
  const statusAfter = (version: number, seconds: number): Question => ({
    holdMs: seconds * 1000,
    async ask(onStart) {
      const answer = await api.fetchStatus(token, { version, waitSeconds: seconds }, onStart)
      if (!answer.ok) return answer
      const isNews = takesAsNews({ type: 'status', status: answer.value, at: now() })
      timeIsUnknown = false
      return { ok: true, isNews: isNews || seconds === 0 }
    },
  })

  const poll = createPoll({
    next() {
      const { order, orderIsStale, failedRequests } = state()
      if (gaveUp || isFinal(order)) return null
      if (order?.token !== token || orderIsStale) return wholeOrder
      return statusAfter(order.version, failedRequests > 0 || timeIsUnknown ? 0 : waitSeconds)
    },
    onAnswer: () => dispatch({ type: 'request-answered' }),
    onRefusal(refusal) {
      dispatch({ type: 'request-failed' })
      gaveUp = !onRefusal(refusal)
    },
  })
  return {
    ...poll,
    /** Somebody looks again. */
    lookAgain(): void {
      timeIsUnknown = true
      poll.askNow()
    },
  }
}
