import { formatYuan } from 'wxpay-core/money'
import type { AccountMessage } from '../domain/accountMessage.ts'
import type { Order } from '../domain/order.ts'

/** What a handler may use. Nothing here changes an order. */
export interface HandlerContext {
  /** Where our pages are: an origin, no slash at the end. */
  publicUrl: string
  /** null: there is none. */
  findOrder(token: string): Promise<Pick<Order, 'description' | 'amountFen' | 'status'> | null>
}

/**
 * @returns the text that the sender gets, links as <a href="…">; null for nothing. Whatever is not there within four seconds is not sent.
 * A message is handled once, however often WeChat sends it.
 */
export type Handler = (message: AccountMessage, context: HandlerContext) => Promise<string | null>

const sayNothing: Handler = async () => null

/** A code with an order's token as its scene was scanned: who follows already sends SCAN, who does so by scanning sends subscribe. */
const offerPayment: Handler = async ({ eventKey }, { publicUrl, findOrder }) => {
  const token = (eventKey ?? '').replace(/^qrscene_/, '')
  const order = /^[A-Za-z0-9_-]{22,64}$/.test(token) ? await findOrder(token) : null
  if (!order) return null
  const about = `${withoutLinks(order.description)} ¥${formatYuan(order.amountFen)}`
  if (order.status === 'paid') return `${about}\n已支付 · Paid`
  if (order.status === 'closed') return `${about}\n订单已关闭 · Closed`
  return `${about}\n<a href="${publicUrl}/pay/${token}">点此付款 · Pay here</a>`
}

/** WeChat makes links of <a href="…"> in a text, and anybody may have written an order's description: the shop's chat links to nobody else. */
function withoutLinks(text: string): string {
  return text.replaceAll('<', '＜').replaceAll('>', '＞')
}

/** What is done about what happens in the chat, by the name of the event or the type of the message. A shop puts its own here. */
export const handlers: ReadonlyMap<string, Handler> = new Map([
  ['subscribe', offerPayment],
  ['SCAN', offerPayment],
  ['unsubscribe', sayNothing], // no reply reaches them
  ['CLICK', sayNothing],
  ['VIEW', sayNothing],
  ['text', sayNothing],
])
