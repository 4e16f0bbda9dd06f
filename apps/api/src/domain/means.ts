import { assertNever } from './assertNever.ts'
import type { Payer } from './payer.ts'

/** A payer as a payment names one: the openid is one of this appid only. */
export type PayerId = Pick<Payer, 'appId' | 'openId'>

/** What WeChat wants to hear of the phone that opens an h5 link. */
export type Device = 'iOS' | 'Android' | 'Wap'

/**
 * How a payment is begun, and whom it is begun for: anybody with the code (native), one payer (jsapi), or one phone (h5, which WeChat
 * knows by its address). A value: nothing that happens to the payment later depends on it.
 *
 * `address`: the payer's own, IPv4 or IPv6. `productId`: of the printed code that was scanned (mode 1).
 */
export type Means =
  | { readonly tradeType: 'native'; readonly productId?: string }
  | { readonly tradeType: 'jsapi'; readonly payer: PayerId; readonly address: string }
  | { readonly tradeType: 'h5'; readonly device: Device; readonly address: string }

/** How somebody pays who scans the code on the screen. */
export const byCode: Means = { tradeType: 'native' }

export function isSamePayer(a: PayerId | null, b: PayerId | null): boolean {
  return a !== null && b !== null && a.appId === b.appId && a.openId === b.openId
}

/** Whether a payment that was begun by these means is what somebody needs who asks for others. */
export function serves(begun: Means, asked: Means): boolean {
  switch (begun.tradeType) {
    case 'native':
      return asked.tradeType === 'native' && asked.productId === begun.productId
    case 'jsapi':
      return asked.tradeType === 'jsapi' && isSamePayer(asked.payer, begun.payer)
    case 'h5':
      return asked.tradeType === 'h5' && asked.address === begun.address
    default:
      return assertNever(begun)
  }
}

/** Whom these means belong to: nobody else is given what they lead to. */
export function payerOf(means: Means): PayerId | null {
  return means.tradeType === 'jsapi' ? means.payer : null
}

/** @param returnUrl - where WeChat leads the payer back to. Nothing is proved by their coming. @param url - of WeChat, with a query */
export function withReturn(url: string, returnUrl: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}redirect_url=${encodeURIComponent(returnUrl)}`
}
