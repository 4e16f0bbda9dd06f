// @ts-check
import { refundsOf } from './control.js'
import { byId, make, yuan } from './elements.js'
import { word } from './words.js'

const list = byId('refunds', HTMLUListElement)
const everyMs = 2_000

/**
 * What WeChat tells the payer when the money of this order comes back, while the result is on.
 *
 * @param {() => string | undefined} outTradeNo - of the order that is shown; undefined: none is
 */
export function followRefunds(outTradeNo) {
  async function refresh() {
    const number = outTradeNo()
    if (number === undefined) list.replaceChildren()
    else if (!document.hidden)
      await refundsOf(number).then(
        (refunds) => show(outTradeNo() === number ? refunds : []),
        () => undefined,
      )
    setTimeout(refresh, everyMs)
  }
  void refresh()
}

/** Unchanged messages stay, so that a screen reader reads each once. @param {import('./control.js').Refund[]} refunds */
function show(refunds) {
  const known = new Map([...list.children].map((row) => [row.getAttribute('data-refund'), row]))
  list.replaceChildren(...refunds.map((refund) => known.get(`${refund.refundId} ${refund.status}`) ?? newRow(refund)))
}

/** @param {import('./control.js').Refund} refund */
function newRow({ refundId, refundFen, status, receivedAccount }) {
  const row = make('li', 'refund')
  row.setAttribute('data-refund', `${refundId} ${status}`)
  row.setAttribute('data-status', status)
  row.append(make('strong', '', word(`refund${status}`)), make('span', 'refund-amount', `¥${yuan(refundFen)}`))
  if (status === 'SUCCESS') row.append(make('span', 'quiet', `${word('refundTo')} ${receivedAccount}`))
  return row
}
