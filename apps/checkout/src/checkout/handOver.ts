import type { Action } from 'wxpay-core/contract'

/** How a visit to WeChat's own sheet or page ended, as far as this page can tell. `done` is what WeChat's client says: it proves nothing. */
export type HandBack = 'done' | 'cancelled' | 'failed' | 'no-bridge' | 'returned'

/** A payment that WeChat's sheet (JSAPI) or page (H5) takes over. Nothing that comes back from there says that money moved. */
export interface HandOver {
  /**
   * `offered`: a button waits. `due`: the shopper has just asked for it, so it begins by itself, once. `under-way`: WeChat has it.
   * `asking`: back, and our server is asked once before anything is offered. `back`: the shopper chooses.
   */
  readonly step: 'offered' | 'due' | 'under-way' | 'asking' | 'back'
  readonly result: HandBack | null
  /** WeChat's own words, where it had any. */
  readonly detail: string | null
  /** How often this very action failed: a second time the shopper is given a new one. */
  readonly failures: number
}

export const offeredHandOver: HandOver = { step: 'offered', result: null, detail: null, failures: 0 }

export type HandOverEvent =
  /** It begins. `of` is identityOf the action, so that a late answer is not taken for one about a newer payment. */
  { type: 'handed-over'; of: string } | { type: 'handed-back'; of: string; result: HandBack; detail: string | null }

/** @returns the very same object when the event means nothing now: a second tap, an answer that nobody waits for */
export function handOverAfter(handOver: HandOver, event: HandOverEvent): HandOver {
  if (event.type === 'handed-over')
    return isWithWechat(handOver) ? handOver : { ...handOver, step: 'under-way', result: null, detail: null }
  if (handOver.step !== 'under-way') return handOver
  const { result, detail } = event
  if (result === 'done') return offeredHandOver
  const failures = handOver.failures + (result === 'failed' ? 1 : 0)
  return { step: result === 'cancelled' || result === 'failed' ? 'asking' : 'back', result, detail, failures }
}

/** The server has been asked, whatever came of it. */
export function handOverAsked(handOver: HandOver): HandOver {
  return handOver.step === 'asking' ? { ...handOver, step: 'back' } : handOver
}

/** While WeChat has it, or the server is being asked, it does not begin again. */
function isWithWechat({ step }: HandOver): boolean {
  return step === 'under-way' || step === 'asking'
}

/** What tells one action from another: it was made for one attempt. */
export function identityOf(action: Action): string
export function identityOf(action: Action | null | undefined): string | null
export function identityOf(action: Action | null | undefined): string | null {
  switch (action?.tradeType) {
    case 'native':
      return action.codeUrl
    case 'jsapi':
      return action.invoke.paySign
    case 'h5':
      return action.url
    default:
      return null
  }
}
