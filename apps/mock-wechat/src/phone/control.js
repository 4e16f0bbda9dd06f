// @ts-check

/**
 * @typedef {{ merchant: string, description: string, amountFen: number, outTradeNo: string }} Scanned
 * @typedef {{ merchant: string, description: string, amountFen: number, outTradeNo: string, codeUrl: string, remainingMs: number }} OpenCode
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

/** @param {string} codeUrl @returns {Promise<Scanned>} */
export const scan = (codeUrl) => post('scan', { codeUrl })

/** @param {string} codeUrl @returns {Promise<unknown>} */
export const pay = (codeUrl) => post('pay', { codeUrl })

/** @param {string} codeUrl @returns {Promise<unknown>} */
export const fail = (codeUrl) => post('fail', { codeUrl, reason: 'wrong-password' })

/** @param {string} codeUrl @returns {Promise<unknown>} */
export const cancel = (codeUrl) => post('cancel', { codeUrl })

/** Newest first. @returns {Promise<OpenCode[]>} */
export async function openCodes() {
  const { items } = await send('trades?state=NOTPAY', { method: 'GET' })
  return items.filter((/** @type {OpenCode} */ item) => item.remainingMs > 0).reverse()
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
