// @ts-check

/**
 * @typedef {{ codeUrl: string } | { prepayId: string }} Ticket - what stands for the trade: a code, or the prepay id of one that a page or a merchant has brought up
 * @typedef {{ merchant: string, description: string, amountFen: number, outTradeNo: string }} Scanned
 * @typedef {Scanned & { prepayId: string }} Asked - a printed code: the merchant named a trade
 * @typedef {{ declined: string } | { error: string }} Told - or said no, or WeChat did
 * @typedef {{ merchant: string, description: string, amountFen: number, outTradeNo: string, tradeType: 'NATIVE' | 'JSAPI' | 'MWEB', codeUrl: string | null, prepayId: string, remainingMs: number }} OpenCode
 * @typedef {{ refundId: string, refundFen: number, status: 'PROCESSING' | 'SUCCESS' | 'CLOSED' | 'ABNORMAL', receivedAccount: string }} Refund
 * @typedef {'expired' | 'paid' | 'closed' | 'unknown' | 'unreachable'} Trouble
 */

/** What the mock said no to; `trouble` is a word of words.js. */
export class ControlError extends Error {
  /** @param {Trouble} trouble */
  constructor(trouble) {
    super(trouble)
    this.trouble = trouble
  }
}

/** @param {Ticket} ticket @returns {Promise<Scanned | Asked | Told>} */
export const scan = (ticket) => post('scan', ticket)

/** @param {Ticket} ticket @returns {Promise<unknown>} */
export const pay = (ticket) => post('pay', ticket)

/** @param {Ticket} ticket @returns {Promise<unknown>} */
export const fail = (ticket) => post('fail', { ...ticket, reason: 'wrong-password' })

/** @param {Ticket} ticket @returns {Promise<unknown>} */
export const cancel = (ticket) => post('cancel', ticket)

/** What was pasted, or read from a screen. @param {string} text @returns {Ticket} */
export const ticketOf = (text) => (/^wx\w{34}$/.test(text) ? { prepayId: text } : { codeUrl: text })

/** @param {OpenCode} code @returns {string} */
export const textOf = ({ codeUrl, prepayId }) => codeUrl ?? prepayId

/** Newest first. @returns {Promise<OpenCode[]>} */
export async function openCodes() {
  const { items } = await send('trades?state=NOTPAY', { method: 'GET' })
  return items.filter((/** @type {OpenCode} */ item) => item.remainingMs > 0).reverse()
}

/** In the order in which they were begun. @param {string} outTradeNo @returns {Promise<Refund[]>} */
export async function refundsOf(outTradeNo) {
  const { items } = await send(`refunds?${new URLSearchParams({ outTradeNo })}`, { method: 'GET' })
  return items
}

/** @param {string} path @param {object} body */
function post(path, body) {
  return send(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
}

/** @param {string} path @param {RequestInit} request */
async function send(path, request) {
  const response = await fetch(`/_control/${path}`, request).catch(() => undefined)
  if (!response) throw new ControlError('unreachable')
  const answer = await response.json()
  if (!response.ok) throw new ControlError(troubleOf(answer.code))
  return answer
}

/** @param {unknown} code @returns {Trouble} */
function troubleOf(code) {
  return code === 'expired' || code === 'paid' || code === 'closed' || code === 'unknown' ? code : 'unreachable'
}
