// @ts-check
import { cancel, ControlError, fail, pay, scan, ticketOf } from './control.js'
import { byId, showAmount } from './elements.js'
import { followOpenCodes } from './openCodes.js'
import { closePad, openPad, preparePad } from './pad.js'
import { followRefunds } from './refundMessages.js'
import { showWords, switchLanguage, word } from './words.js'

const screens = {
  scan: byId('screen-scan', HTMLDivElement),
  pay: byId('screen-pay', HTMLDivElement),
  result: byId('screen-result', HTMLDivElement),
}
const code = byId('code', HTMLInputElement)
const scanTrouble = byId('scan-trouble', HTMLParagraphElement)
const payButton = byId('pay', HTMLButtonElement)
const done = byId('done', HTMLButtonElement)
const verdict = byId('verdict', HTMLDivElement)

/** The one password that is wrong: six zeros. */
const wrongPassword = '000000'

/** What is being paid. @type {{ ticket: import('./control.js').Ticket, amountFen: number, merchant: string, outTradeNo: string } | undefined} */
let current
/** What was paid last, while its result is shown. @type {string | undefined} */
let paid

preparePad(confirm)
showWords()
showClock()
showLanguage()
code.value = new URLSearchParams(location.search).get('code') ?? ''
code.focus({ preventScroll: true })
followOpenCodes({ isShown: () => !screens.scan.hidden, pick: (text) => void look(text) })
followRefunds(() => paid)

byId('scan-form', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault()
  void look(code.value.trim())
})
byId('cancel', HTMLButtonElement).addEventListener('click', () => void leave())
payButton.addEventListener('click', () => {
  byId('foot', HTMLDivElement).hidden = true
  openPad()
})
done.addEventListener('click', backToScan)
byId('language', HTMLButtonElement).addEventListener('click', () => {
  switchLanguage()
  showLanguage()
})
addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !screens.pay.hidden) void leave()
})

/** Scans a code, or takes up a prepay id, and shows what it asks for. @param {string} text */
async function look(text) {
  scanTrouble.textContent = text === '' ? word('empty') : ''
  if (text === '') return
  try {
    const ticket = ticketOf(text)
    const scanned = await scan(ticket)
    if ('declined' in scanned) return conclude('refused', scanned.declined, word('notCharged'))
    if ('error' in scanned) return conclude('refused', scanned.error, word('notCharged'))
    current = { ...scanned, ticket: 'prepayId' in scanned ? { prepayId: scanned.prepayId } : ticket }
    byId('merchant', HTMLElement).textContent = scanned.merchant
    byId('avatar', HTMLElement).textContent = scanned.merchant.slice(0, 1)
    byId('description', HTMLElement).textContent = scanned.description
    byId('order', HTMLElement).textContent = scanned.outTradeNo
    showAmount(byId('amount', HTMLElement), scanned.amountFen)
    byId('foot', HTMLDivElement).hidden = false
    closePad()
    show('pay')
    payButton.focus({ preventScroll: true })
  } catch (cause) {
    scanTrouble.textContent = word(troubleOf(cause))
  }
}

/** @param {string} password @returns {Promise<boolean>} whether it was right */
async function confirm(password) {
  if (!current) return true
  const { ticket, amountFen, merchant, outTradeNo } = current
  try {
    if (password === wrongPassword) {
      await fail(ticket)
      return false
    }
    await pay(ticket)
    paid = outTradeNo
    conclude('paid-now', word('success'), `${merchant} · ${word('told')}`, amountFen)
  } catch (cause) {
    conclude('refused', word(troubleOf(cause)), noteFor(troubleOf(cause)))
  }
  return true
}

/** Without an answer nobody knows whether the money moved. @param {string} trouble */
function noteFor(trouble) {
  return trouble === 'unreachable' ? '' : word('notCharged')
}

/** The payer goes away; the code stays payable until it expires. */
async function leave() {
  const left = current
  backToScan()
  if (left) await cancel(left.ticket).catch(() => undefined)
}

/** @param {'paid-now' | 'refused'} kind @param {string} title @param {string} note @param {number} [amountFen] */
function conclude(kind, title, note, amountFen) {
  verdict.setAttribute('data-result', kind)
  byId('verdict-title', HTMLElement).textContent = title
  byId('verdict-note', HTMLElement).textContent = note
  const amount = byId('verdict-amount', HTMLElement)
  amount.hidden = amountFen === undefined
  if (amountFen !== undefined) showAmount(amount, amountFen)
  current = undefined
  closePad()
  show('result')
  done.focus({ preventScroll: true })
}

function backToScan() {
  current = undefined
  paid = undefined
  closePad()
  code.value = ''
  scanTrouble.textContent = ''
  show('scan')
  code.focus({ preventScroll: true })
}

/** @param {keyof typeof screens} name */
function show(name) {
  for (const [known, screen] of Object.entries(screens)) screen.hidden = known !== name
}

/** @param {unknown} cause */
function troubleOf(cause) {
  return cause instanceof ControlError ? cause.trouble : 'unreachable'
}

function showLanguage() {
  byId('language', HTMLButtonElement).textContent = word('language')
}

function showClock() {
  byId('clock', HTMLElement).textContent = new Date().toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit' })
  setTimeout(showClock, 10_000)
}
