import type { Order, Shop } from './answers'
import { formatBeijingTime } from './beijingTime'
import { formatCountdown } from './countdown'
import { displayOf, isOffline } from './display'
import { formatYuan } from './money'
import { problemWords, type Act } from './problemWords'
import type { CheckoutState, Display, Trouble } from './state'
import { strayMoneyWords } from './strayMoney'
import { fill, type WordKey, type Words } from './words'

export interface Fact {
  name: string
  value: string
}

/** Everything that checkout.wxml shows beside the amount field: plain values, as setData wants them. Empty text: not shown. */
export interface Screen {
  state: Display
  shop: string
  /** Yuan of the order. */
  amount: string
  amountSpoken: string
  title: string
  more: string
  trouble: string
  banner: string
  /** What is left of the attempt. */
  countdown: string
  /** For whoever helps: error code, request, contact. */
  details: string[]
  facts: Fact[]
  primary: string
  primaryAct: Act
  secondary: string
  secondaryAct: Act
}

/** As many digits as a cashier compares at a glance. */
const tailLength = 6

const troubleWords: Record<Trouble, WordKey> = {
  slow: 'creatingSlow',
  busy: 'wechatBusy',
  'no-connection': 'retryingConnection',
  'no-answer': 'retryingServer',
}

export interface ScreenOptions {
  state: CheckoutState
  shop: Shop | null
  words: Words
  /** Of the amount field, before there is an order. */
  typedFen: number
  /** Of the attempt; null while nothing is counted down. */
  secondsLeft: number | null
}

export function screenOf({ state, shop, words, typedFen, secondsLeft }: ScreenOptions): Screen {
  const amount = formatYuan(state.order?.amountFen ?? typedFen)
  const display = displayOf(state)
  return {
    state: display,
    shop: shop ? fill(words.payTo, { shop: shop.name }) : '',
    amount,
    amountSpoken: fill(words.amountOf, { amount }),
    title: '',
    more: '',
    trouble: state.trouble === null ? '' : words[troubleWords[state.trouble]],
    banner: isOffline(state) && state.order?.status === 'unpaid' ? words.offline : '',
    countdown: secondsLeft === null ? '' : fill(words.timeLeft, { time: formatCountdown(secondsLeft) }),
    details: [],
    facts: [],
    primary: '',
    primaryAct: 'none',
    secondary: '',
    secondaryAct: 'none',
    ...partOf(display, { state, shop, words }),
  }
}

type Part = Partial<Screen>
type Known = Omit<ScreenOptions, 'typedFen' | 'secondsLeft'>

function partOf(display: Display, known: Known): Part {
  const { state, words } = known
  switch (display) {
    case 'idle':
      return {}
    case 'creating':
      return { title: words.creating }
    case 'waiting':
    case 'offline':
      return waiting(known)
    case 'checking':
      return state.order === null ? { title: words.loading } : { title: words.checking, more: words.checkingMore }
    case 'paid':
      return state.order ? paid(state.order, words) : {}
    case 'closed':
      return closed(known)
    case 'error':
      return trouble(known)
  }
}

function waiting({ state, words }: Known): Part {
  if (state.sheet === 'up') return { title: words.sheetUp, more: words.sheetUpMore }
  const cancel: Part = { secondary: words.cancel, secondaryAct: 'cancel', primaryAct: 'pay-again' }
  if (state.order?.attempt !== 'pending')
    return { ...cancel, title: words.attemptOver, more: words.attemptOverMore, primary: words.payAgain }
  switch (state.sheet) {
    case 'cancelled':
      return { ...cancel, title: words.cancelled, more: words.cancelledMore, primary: words.payAgain }
    case 'failed':
      return { ...cancel, title: words.failed, more: words.failedMore, primary: words.payAgain }
    default:
      return { ...cancel, title: words.ready, more: words.readyMore, primary: words.goOnPaying }
  }
}

function paid(order: Order, words: Words): Part {
  const { orderNo, paidAt, transactionId } = order
  const stray = strayMoneyWords(order)
  const facts = [
    { name: words.paidAt, value: paidAt === null ? '' : formatBeijingTime(paidAt) },
    { name: words.orderTail, value: orderNo.slice(-tailLength) },
    { name: words.transactionId, value: transactionId ?? '' },
  ]
  return {
    title: words.paid,
    more: stray ? words[stray] : '',
    facts: facts.filter(({ value }) => value !== ''),
    primary: words.newPayment,
    primaryAct: 'start-over',
  }
}

function closed({ state, shop, words }: Known): Part {
  const again: Part = { primary: words.newPayment, primaryAct: 'start-over' }
  const expired = state.order?.closedReason === 'expired'
  const title = expired ? words.closedExpired : words.closedCancelled
  // Money that came after all: then nothing may be said about "not charged".
  const stray = state.order && strayMoneyWords(state.order)
  if (stray) return { ...again, title, more: words[stray], details: contactOf(shop, words) }
  return { ...again, title, more: expired ? words.closedExpiredMore : words.closedCancelledMore }
}

function trouble({ state, shop, words }: Known): Part {
  const { title, more, code, requestId, act } = problemWords(state)
  const details = [...contactOf(shop, words), fill(words.errorCode, { code })]
  if (requestId !== null) details.push(fill(words.requestId, { requestId }))
  const leave: Part = { secondary: words.backToAmount, secondaryAct: 'start-over' }
  const retry: Part = act === 'none' ? {} : { primary: words.retry, primaryAct: act }
  return { ...leave, ...retry, title: words[title], more: more === null ? '' : words[more], details }
}

function contactOf(shop: Shop | null, words: Words): string[] {
  return shop?.contact ? [fill(words.contact, { contact: shop.contact })] : []
}
