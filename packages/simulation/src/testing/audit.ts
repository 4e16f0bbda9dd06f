import type { Books, OrderRow, PaymentRow } from './books.ts'
import { acknowledges } from './protocol.ts'
import { replay } from './replay.ts'
import type { Diary } from './shoppers.ts'

/** WXPAY_PAID_BY */
export type PaidBy = 'notice' | 'notice-or-query'

/** Compares both sides' books and what shoppers were told. @returns every disagreement in words; none is what is wanted */
export function audit(books: Books, diaries: readonly Diary[], paidBy: PaidBy): string[] {
  return [
    ...moneyAtWechat(books),
    ...moneyWithUs(books),
    ...nothingUnderWay(books),
    ...ordersAsTheirPayments(books),
    ...closedIsClosed(books),
    ...acknowledgedNotices(books),
    ...oneOrderPerKey(books, diaries),
    ...history(books),
    ...paidByTheRule(books, paidBy),
    ...promises(books, diaries),
  ]
}

/** Every trade that WeChat has money for is one payment of ours, paid, with the same amount and number. */
function moneyAtWechat({ trades, payments }: Books): string[] {
  return trades.flatMap((trade) => {
    const payment = payments.find(({ out_trade_no: no }) => no === trade.outTradeNo)
    if (!payment) return [`WeChat has a trade ${trade.outTradeNo} that we never stored`]
    if (trade.state !== 'SUCCESS') return []
    const same = payment.total_fen === trade.amountFen && payment.transaction_id === trade.transactionId
    const times = payments.filter(({ transaction_id: id }) => id === trade.transactionId).length
    return [
      ...(payment.status === 'paid' ? [] : [`${trade.outTradeNo} is paid at WeChat and ${payment.status} with us`]),
      ...(same ? [] : [`${trade.outTradeNo} has other money with us than at WeChat`]),
      ...(times === 1 ? [] : [`${trade.outTradeNo}: WeChat's number stands on ${times} payments`]),
    ]
  })
}

function moneyWithUs({ trades, payments }: Books): string[] {
  const paidAtWechat = new Set(trades.filter(({ state }) => state === 'SUCCESS').map(({ outTradeNo }) => outTradeNo))
  return payments
    .filter(({ status, out_trade_no: no }) => status === 'paid' && !paidAtWechat.has(no))
    .map(({ out_trade_no: no }) => `${no} is paid with us and WeChat has no money for it`)
}

function nothingUnderWay({ orders, payments }: Books): string[] {
  const open = payments.filter(({ status, confirming }) => ['preparing', 'pending', 'closing'].includes(status) || confirming)
  return [
    ...orders.filter(({ status }) => status === 'unpaid').map(({ id }) => `order ${id} is still unpaid`),
    ...open.map(({ out_trade_no: no, status }) => `${no} is still ${status}`),
  ]
}

/** Paid exactly when money came for it, except what is flagged as late; of several paid attempts all but one are flagged. */
function ordersAsTheirPayments({ orders, payments }: Books): string[] {
  return orders.flatMap((order) => {
    const all = payments.filter(({ order_id: id }) => id === order.id)
    const paid = all.filter(({ status }) => status === 'paid')
    const notDuplicate = paid.filter(({ anomalies }) => !anomalies.includes('duplicate'))
    return [
      ...(all.every(({ total_fen: fen }) => fen === order.amount_fen) ? [] : [`order ${order.id} has an attempt of another amount`]),
      ...(paid.length === 0 || notDuplicate.length === 1 ? [] : [`order ${order.id} was paid twice and nobody is told`]),
      ...(order.status === rightStatus(paid) ? [] : [`order ${order.id} is ${order.status} with ${describe(all)}`]),
      ...(order.status === 'closed' && !order.closed_reason ? [`order ${order.id} is closed for no reason`] : []),
      ...strangeFlags(all),
    ]
  })

  function rightStatus(paid: readonly PaymentRow[]): OrderRow['status'] {
    return paid.some(({ anomalies }) => !anomalies.includes('paid-after-close')) ? 'paid' : 'closed'
  }
}

function strangeFlags(payments: readonly PaymentRow[]): string[] {
  return payments
    .filter(({ anomalies }) => anomalies.includes('amount-mismatch') || anomalies.includes('conflict'))
    .map(({ out_trade_no: no, anomalies }) => `${no} is flagged ${anomalies.join(', ')}`)
}

/** What we call closed cannot be paid at WeChat any more. */
function closedIsClosed({ payments, trades }: Books): string[] {
  return payments
    .filter(({ status }) => status === 'closed' || status === 'refused')
    .filter(({ out_trade_no: no }) => trades.some((trade) => trade.outTradeNo === no && !trade.wasClosed && !trade.expired))
    .map(({ out_trade_no: no }) => `${no} is closed with us and payable at WeChat`)
}

function acknowledgedNotices({ mockNotices, notices, payments }: Books): string[] {
  return mockNotices.flatMap((sent) => {
    const told = sent.attempts.some((answer) => acknowledges(sent.protocol, answer))
    const stored = notices.some((row) => row.out_trade_no === sent.outTradeNo && row.transaction_id === sent.transactionId)
    const paid = payments.some((row) => row.out_trade_no === sent.outTradeNo && row.status === 'paid')
    return [
      ...(sent.state === 'acknowledged' ? [] : [`the notice of ${sent.outTradeNo} is ${sent.state}`]),
      ...(told && !stored ? [`the notice of ${sent.outTradeNo} was acknowledged and is lost`] : []),
      ...(told && !paid ? [`the notice of ${sent.outTradeNo} was acknowledged and not applied`] : []),
    ]
  })
}

function oneOrderPerKey({ orders, keys }: Books, diaries: readonly Diary[]): string[] {
  return [
    ...(orders.length === diaries.length ? [] : [`${diaries.length} keys made ${orders.length} orders`]),
    ...diaries.flatMap(({ key, token, amountFen }) => {
      const row = keys.find((stored) => stored.key === key)
      const order = orders.find((found) => found.token === token)
      return row && row.token === token && order?.amount_fen === amountFen ? [] : [`key ${key} does not lead to the order that was shown`]
    }),
  ]
}

/** The events alone tell where every order and payment stands, and nothing was paid twice in them. */
function history({ events, orders, payments }: Books): string[] {
  const told = replay(events)
  return [
    ...orders
      .filter(({ id, status }) => told.orders.get(id) !== status)
      .map(({ id, status }) => `order ${id} is ${status}, its events say ${told.orders.get(id) ?? 'nothing'}`),
    ...payments.flatMap(({ id, out_trade_no: no, status }) => {
      const paidEvents = events.filter(({ payment_id: of, type }) => of === id && /^payment\.paid(_late)?$/.test(type)).length
      return [
        ...(told.payments.get(id) === status ? [] : [`${no} is ${status}, its events say ${told.payments.get(id) ?? 'nothing'}`]),
        ...(paidEvents === (status === 'paid' ? 1 : 0) ? [] : [`${no} became paid ${paidEvents} times and is ${status}`]),
      ]
    }),
  ]
}

/** Nothing but a notice writes "paid", unless the owner has chosen so. */
function paidByTheRule({ events }: Books, paidBy: PaidBy): string[] {
  const allowed = paidBy === 'notice' ? ['notice'] : ['notice', 'query']
  return events
    .filter(({ type, source }) => /^payment\.paid(_late)?$/.test(type) && !allowed.includes(source))
    .map(({ payment_id: id, source }) => `payment ${id ?? '?'} was paid by ${source}`)
}

/** What a shopper was told stays true. */
function promises({ orders, payments }: Books, diaries: readonly Diary[]): string[] {
  return diaries.flatMap(({ story, token, cancelled, sawPaid, phonePaid, stepsBack }) => {
    const order = orders.find((found) => found.token === token)
    const paid = payments.filter(({ order_id: id, status }) => id === order?.id && status === 'paid')
    const about = `order ${order?.id ?? '?'} (${story})`
    return [
      ...(cancelled && paid.some(({ anomalies }) => !anomalies.includes('paid-after-close'))
        ? [`${about} was answered as cancelled and is paid`]
        : []),
      ...(cancelled && order?.status !== 'closed' ? [`${about} was answered as cancelled and is ${order?.status ?? 'gone'}`] : []),
      ...(sawPaid && order?.status !== 'paid' ? [`${about} was shown as paid and is ${order?.status ?? 'gone'}`] : []),
      ...(phonePaid && paid.length === 0 ? [`${about}: the phone has paid and no payment is`] : []),
      ...(stepsBack === 0 ? [] : [`${about}: its version went back`]),
    ]
  })
}

function describe(payments: readonly PaymentRow[]): string {
  return payments.map(({ out_trade_no: no, status, anomalies }) => `${no} ${[status, ...anomalies].join(' ')}`).join(', ')
}
