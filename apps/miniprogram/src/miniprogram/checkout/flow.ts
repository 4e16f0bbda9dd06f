import type { JsapiInvoke, Order } from './answers'
import { mayRepeat, type Answer, type CheckoutApi, type Refusal } from './api'
import { createCountdown } from './countdown'
import { countedDown, invokeDue, isPayable } from './display'
import { followOrder } from './follow'
import type { PendingRequests } from './pending'
import { sendUntilAnswered } from './sendUntilAnswered'
import { idleState, isFinal, reduce, type CheckoutEvent, type CheckoutState, type Task, type Trouble } from './state'
import { createPause } from '../support/pause'
import { createSteadyClock } from '../support/steadyClock'

export interface FlowOptions {
  api: CheckoutApi
  pending: PendingRequests
  /** Brings up WeChat's payment sheet; resolves with what the phone says when it is gone. */
  bringUp(invoke: JsapiInvoke): Promise<'ok' | 'cancelled' | 'failed'>
  /** This mini program's. */
  appId: string
  /** What is known has changed, or the seconds that are left. */
  onChange(state: CheckoutState): void
}

/** After this long without an answer the page says that it is still working. */
const slowAfterMs = 3_000

/** One payer's payment from the amount to the end: what is known, and everything a person can do. */
export function createFlow({ api, pending, bringUp, appId, onChange }: FlowOptions) {
  let state: CheckoutState = idleState
  let poll: ReturnType<typeof followOrder> | null = null
  /** Rises when the payer leaves a payment: what was sent for it is not waited for any more. */
  let visit = 0
  let visible = true
  const pause = createPause()
  const now = createSteadyClock()
  const countdown = createCountdown({ now, onTick })

  function dispatch(event: CheckoutEvent): void {
    const next = reduce(state, event)
    if (next === state) return
    state = next
    if (isFinal(state.order)) pending.forgetOrder()
    countDown()
    onChange(state)
    const invoke = invokeDue(state)
    if (invoke) void raiseSheet(invoke)
  }

  // ── The time that is left ─────────────────────────────────────────────────────────────────────────────────────────
  function countDown(): void {
    countdown.count(visible ? countedDown(state) : null)
  }

  function onTick(): void {
    if (countdown.secondsLeft() === 0) dispatch({ type: 'time-up' })
    else onChange(state)
  }

  // ── The payment sheet ─────────────────────────────────────────────────────────────────────────────────────────────
  /** Whatever the sheet says, the server is asked: "ok" may come without a payment, and "fail" or "cancel" with one. */
  async function raiseSheet(invoke: JsapiInvoke): Promise<void> {
    const myVisit = visit
    dispatch({ type: 'sheet', sheet: 'up' })
    const outcome = await bringUp(invoke)
    if (myVisit !== visit || isFinal(state.order)) return
    if (outcome === 'ok') {
      dispatch({ type: 'sheet', sheet: 'ok' })
    } else {
      await perform('asking', fetchOrder)
      if (myVisit === visit && state.sheet === 'up') dispatch({ type: 'sheet', sheet: outcome })
    }
    if (myVisit === visit) wake()
  }

  // ── What is being sent ────────────────────────────────────────────────────────────────────────────────────────────
  const token = () => state.order?.token ?? ''
  const fetchOrder = () => api.fetchOrder(token())

  /** One at a time: a second press while one is under way does nothing. @returns null when it was not sent, or is not wanted any more */
  async function perform(task: Task, send: () => Promise<Answer<Order>>, options?: { paysNext: boolean }): Promise<Answer<Order> | null> {
    if (state.task !== null) return null
    const myVisit = visit
    const isWanted = () => myVisit === visit
    dispatch({ type: 'task-began', task, ...options })
    const slow = setTimeout(() => {
      if (isWanted() && state.task === task && state.trouble === null) dispatch({ type: 'task-troubled', trouble: 'slow' })
    }, slowAfterMs)
    const onTrouble = (refusal: Refusal) => isWanted() && dispatch({ type: 'task-troubled', trouble: troubleOf(refusal) })
    const answer = await sendUntilAnswered({ send, onTrouble, sleep: pause.sleep, isWanted })
    clearTimeout(slow)
    if (!isWanted()) return null
    settle(task, answer)
    return answer
  }

  function settle(task: Task, answer: Answer<Order>): void {
    const order = answer.ok ? answer.value : answer.refusal.order
    if (order) dispatch({ type: 'order', order, at: now() })
    if (answer.ok) dispatch({ type: 'task-ended' })
    // A 409 tells how the order stands: that is an answer, not a failure.
    else if (answer.refusal.status === 409 && answer.refusal.order) dispatch({ type: 'task-refused' })
    else fail(task, answer.refusal)
  }

  function fail(task: Task, refusal: Refusal): void {
    const { code, requestId } = refusal
    dispatch({ type: 'task-failed', failure: { task, code, requestId, mayRetry: mayRepeat(refusal) } })
  }

  async function open(amountFen: number, paysNext: boolean): Promise<void> {
    const send = async () => api.openCheckout(amountFen, await pending.openingKey(amountFen))
    const answer = await perform('opening', send, { paysNext })
    if (!answer) return
    if (answer.ok && !isFinal(answer.value)) pending.keepOrder(answer.value.token)
    if (answer.ok || !mayRepeat(answer.refusal)) pending.endOpening()
    if (answer.ok) startFollowing(answer.value.token)
  }

  async function renew(): Promise<void> {
    const current = token()
    const send = async () => api.startPayment(current, await pending.renewalKey(current))
    const answer = await perform('renewing', send, { paysNext: true })
    if (answer && (answer.ok || !mayRepeat(answer.refusal))) pending.endRenewal()
    wake()
  }

  function startFollowing(followed: string): void {
    poll?.stop()
    poll = followOrder({
      api,
      token: followed,
      state: () => state,
      dispatch,
      now,
      onLoaded: () => state.task === 'loading' && dispatch({ type: 'task-ended' }),
      onRefusal(refusal) {
        const isGone = refusal.code === 'checkout_not_found'
        if (isGone) pending.forgetOrder()
        // Who this is cannot be found out: asking on would log in again and again.
        const isStranger = state.task === 'loading' && !mayRepeat(refusal)
        if (isGone || isStranger) fail('loading', refusal)
        return !isGone && !isStranger
      },
    })
    if (visible) poll.start()
  }

  function follow(followed: string): void {
    leave()
    pending.keepOrder(followed)
    dispatch({ type: 'task-began', task: 'loading' })
    startFollowing(followed)
  }

  function leave(): void {
    visit++
    pause.wake()
    poll?.stop()
    poll = null
    dispatch({ type: 'reset' })
  }

  return {
    state: () => state,
    secondsLeft: () => countdown.secondsLeft(),
    open: (amountFen: number) => void open(amountFen, true),
    /** The program was ended in the middle. @returns the amount that was being opened, or null */
    resume(): number | null {
      const unanswered = pending.opening()
      const kept = pending.order()
      if (unanswered) void open(unanswered.amountFen, false)
      else if (kept !== null) follow(kept)
      return unanswered?.amountFen ?? null
    },
    follow,
    /** The server is asked first. Then the same attempt again while it can be paid here, else a new one. */
    async payAgain(): Promise<void> {
      const asked = await perform('asking', fetchOrder)
      if (!asked?.ok || isFinal(asked.value) || asked.value.confirming || asked.value.attempt === 'closing') return
      if (isPayable(asked.value, appId)) dispatch({ type: 'pay-pressed' })
      else await renew()
    },
    cancel: () => void perform('cancelling', () => api.cancel(token())),
    /** What could not be told is asked again. */
    reload: () => follow(token()),
    /** Back to the amount; what was under way is given up. */
    leave(): void {
      pending.endOpening()
      pending.endRenewal()
      pending.forgetOrder()
      leave()
    },
    network(connected: boolean): void {
      dispatch({ type: 'network', disconnected: !connected })
      if (connected) wake()
    },
    show(): void {
      if (visible) return
      visible = true
      countDown()
      pause.wake()
      poll?.lookAgain()
    },
    /** In the background WeChat cuts requests off after five seconds: nothing is asked until the page is back. */
    hide(): void {
      visible = false
      countDown()
      poll?.stop()
    },
    /** The page is gone for good; what is stored is taken up by the next one. */
    end(): void {
      visit++
      visible = false
      countDown()
      pause.wake()
      poll?.stop()
    },
  }

  function wake(): void {
    pause.wake()
    if (visible) poll?.askNow()
  }
}

export type Flow = ReturnType<typeof createFlow>

function troubleOf({ status, code }: Refusal): Trouble {
  if (status === 429) return 'busy'
  if (code === 'request_in_progress') return 'slow'
  return status === null ? 'no-connection' : 'no-answer'
}
