import type { Trade, TradePayment } from '../ledger/trade.ts'
import type { Refund } from '../refunds/refund.ts'
import { readyAt, type BillDay } from './day.ts'
import type { Movement } from './movements.ts'
import type { RefundPart, TradeRow } from './tradeRow.ts'

/** The lines of a day. @param movements - in the order of time, of any days */
export function* tradeRows(movements: readonly Movement[], day: BillDay): Generator<TradeRow> {
  for (const movement of movements) {
    if (movement.at < day.startAt || movement.at >= day.endAt) continue
    if (movement.type === 'payment') yield paymentRow(movement)
    if (movement.type === 'refund') yield refundRow(movement, movement.refund, readyAt(day))
  }
}

function paymentRow({ trade, payment, toldAt, feeFen }: Movement): TradeRow {
  const { totalFen } = trade
  // Recharged coupons are the only ones here: the merchant is settled all of it.
  return { ...common(trade, payment), at: toldAt, totalFen, settledFen: totalFen, couponFen: payment.couponFen, feeFen, refund: null }
}

function refundRow({ trade, payment, toldAt, feeFen }: Movement, refund: Refund, madeAt: number): TradeRow {
  const part = refundPart(refund, madeAt)
  const amounts = { totalFen: 0, settledFen: 0, couponFen: 0, feeFen: part.status === 'FAIL' ? 0 : 0 - feeFen }
  return { ...common(trade, payment), at: toldAt, ...amounts, refund: part }
}

const common = (trade: Trade, payment: TradePayment) => ({
  mchid: trade.mchid,
  appid: trade.appid,
  deviceInfo: trade.deviceInfo ?? '',
  transactionId: payment.transactionId,
  outTradeNo: trade.outTradeNo,
  openid: payment.openid,
  tradeType: trade.tradeType,
  bankType: payment.bankType,
  description: trade.description,
  attach: trade.attach ?? '',
})

const words = { PROCESSING: 'PROCESSING', SUCCESS: 'SUCCESS', CLOSED: 'FAIL', ABNORMAL: 'CHANGE' } as const

/** As things stood when the bill was made: a bill is never brought up to date. @param madeAt - virtual milliseconds */
function refundPart(refund: Refund, madeAt: number): RefundPart {
  const { refundId, outRefundNo, refundFen, couponFen, channel, finishedAt, realFinishedAt } = refund
  const known = finishedAt !== null && finishedAt <= madeAt
  const status = known ? words[refund.status] : 'PROCESSING'
  return { refundId, outRefundNo, refundFen, couponFen, channel, status, succeededAt: status === 'SUCCESS' ? realFinishedAt : null }
}
