import { beijingDay, dayAfter, dayBefore } from '../../domain/beijingDay.ts'
import type { Bill } from '../../domain/bill.ts'
import { daysOfPayment, daysOfRefund, isObtainable, refundLagMs } from '../../domain/billDays.ts'
import type { Difference } from '../../domain/reconcile.ts'
import type { UnbilledPayment, UnbilledRefund } from '../../storage/billDifferences.ts'
import { findTradeBills } from '../../storage/bills.ts'
import type { Tx } from '../../storage/database.ts'
import type { NewDiscrepancy } from '../../storage/discrepancies.ts'

/** The bills around one that is compared. */
export interface Neighbours {
  /** The one that is compared, and those of the days beside it. */
  adjacentIds: readonly string[]
  /** Whether a day's bill has been compared, or cannot be had any more. */
  isDone(day: string): boolean
  /** The bill that a difference of that day belongs to. */
  billIdOf(day: string): string
}

const dayMs = 86_400_000

export async function readNeighbours(tx: Tx, { bill, now }: { bill: Bill; now: Date }): Promise<Neighbours> {
  const noon = Date.parse(`${bill.billDate}T04:00:00Z`)
  // A refund may have been accepted long before we heard of it.
  const reach = refundLagMs + 2 * dayMs
  const range = { from: beijingDay(new Date(noon - reach)), to: beijingDay(new Date(noon + reach)) }
  const bills = await findTradeBills(tx, { mchId: bill.mchId, ...range })
  const byDay = new Map(bills.map((one) => [one.billDate, one]))
  const adjacent = [dayBefore(bill.billDate), bill.billDate, dayAfter(bill.billDate)]
  return {
    adjacentIds: adjacent.flatMap((day) => byDay.get(day)?.id ?? []),
    isDone: (day) => (byDay.get(day)?.reconciledAt ?? null) !== null || !isObtainable(day, now),
    billIdOf: (day) => byDay.get(day)?.id ?? bill.id,
  }
}

/** Ours, and no bill that could have it does; undefined while one of them has not been compared. */
export function missingPayment(payment: UnbilledPayment, { isDone, billIdOf }: Neighbours): NewDiscrepancy | undefined {
  const { order_id: orderId, payment_id: paymentId, out_trade_no: outTradeNo, transaction_id: transactionId, paid_at: paidAt } = payment
  if (!daysOfPayment(paidAt).every(isDone)) return undefined
  const difference: Difference = {
    class: 'paid-not-billed',
    oursFen: payment.total_fen,
    theirsFen: null,
    detail: 'paid here, and no bill of its day has it',
  }
  const about = { orderId, paymentId, refundId: null }
  return { billId: billIdOf(beijingDay(paidAt)), difference, number: outTradeNo, about, outTradeNo, outRefundNo: null, transactionId }
}

export function missingRefund(refund: UnbilledRefund, { isDone, billIdOf }: Neighbours): NewDiscrepancy | undefined {
  const { origin, created_at: createdAt, accepted_at: acceptedAt, paid_at: paidAt, out_refund_no: outRefundNo } = refund
  const days = daysOfRefund({ begunAtWechat: origin === 'wechat', createdAt, acceptedAt, paidAt })
  if (!days.every(isDone)) return undefined
  const difference: Difference = {
    class: 'refund-not-billed',
    oursFen: refund.refund_fen,
    theirsFen: null,
    detail: 'WeChat has accepted this refund, and no bill of its days has it',
  }
  return {
    billId: billIdOf(beijingDay(acceptedAt)),
    difference,
    number: outRefundNo,
    about: { orderId: refund.order_id, paymentId: refund.payment_id, refundId: refund.refund_id },
    outTradeNo: refund.out_trade_no,
    outRefundNo,
    transactionId: refund.transaction_id,
  }
}
