// @ts-check
import { openCodes, textOf } from './control.js'
import { byId, make, duration, yuan } from './elements.js'
import { word } from './words.js'

const list = byId('open-codes', HTMLUListElement)
const none = byId('no-codes', HTMLParagraphElement)
const everyMs = 2_000
const mostShown = 20

/**
 * Keeps the list of codes that can be paid up to date while the scan screen is on.
 *
 * @param {{ isShown: () => boolean, pick: (text: string) => void }} options
 */
export function followOpenCodes({ isShown, pick }) {
  async function refresh() {
    if (isShown() && !document.hidden)
      await openCodes().then(
        (codes) => show(codes.slice(0, mostShown), pick),
        () => undefined,
      )
    setTimeout(refresh, everyMs)
  }
  void refresh()
}

/** Rows are kept by code, so that a focused row stays focused. @param {import('./control.js').OpenCode[]} codes @param {(text: string) => void} pick */
function show(codes, pick) {
  const rows = new Map([...list.children].map((row) => [row.getAttribute('data-code'), row]))
  list.replaceChildren(...codes.map((code) => update(rows.get(textOf(code)) ?? newRow(code, pick), code)))
  none.hidden = codes.length > 0
}

/** @param {import('./control.js').OpenCode} code @param {(text: string) => void} pick */
function newRow(code, pick) {
  const row = make('li', '')
  row.setAttribute('data-code', textOf(code))
  const button = make('button', 'code')
  button.type = 'button'
  button.setAttribute('data-testid', 'phone-open-code')
  button.setAttribute('data-out-trade-no', code.outTradeNo)
  button.setAttribute('data-trade-type', code.tradeType)
  const what = make('span', 'code-what')
  what.append(make('span', 'code-goods', code.description), make('span', 'quiet code-left'))
  button.append(make('span', 'avatar small', code.merchant.slice(0, 1)), what, make('span', 'code-amount', `¥${yuan(code.amountFen)}`))
  button.addEventListener('click', () => pick(textOf(code)))
  row.append(button)
  return row
}

/** @param {Element} row @param {import('./control.js').OpenCode} code */
function update(row, code) {
  const left = row.querySelector('.code-left')
  if (left) left.textContent = [code.merchant, ...place(code), `${word('remaining')} ${duration(code.remainingMs)}`].join(' · ')
  return row
}

/** Where the payer is, when there is no code to scan. @param {import('./control.js').OpenCode} code */
function place({ tradeType }) {
  if (tradeType === 'NATIVE') return []
  return [word(tradeType === 'JSAPI' ? 'inWechat' : 'inBrowser')]
}
