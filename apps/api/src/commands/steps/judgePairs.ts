import { toFen } from 'wxpay-core/money'
import { judgeFee, judgePayment, judgeRefund, type Difference } from '../../domain/reconcile.ts'
import type { FeeRow, PaymentPair, RefundPair } from '../../storage/billDifferences.ts'
import type { NewDiscrepancy } from '../../storage/discrepancies.ts'

export function judgePaymentPair(pair: PaymentPair): Difference | null {
  const { status, our_total_fen: ourTotal, our_transaction_id: transactionId } = pair
  const ours = status === null || ourTotal === null ? undefined : { status, transactionId, totalFen: toFen(ourTotal) }
  return judgePayment({ transactionId: pair.transaction_id, totalFen: toFen(pair.total_fen) }, ours)
}

export function judgeRefundPair(pair: RefundPair): Difference | null {
  const { status, our_refund_id: refundId, our_refund_fen: ourFen, our_out_trade_no: outTradeNo } = pair
  const ours =
    status === null || ourFen === null || outTradeNo === null ? undefined : { status, refundId, outTradeNo, refundFen: toFen(ourFen) }
  return judgeRefund({ refundId: pair.refund_id, outTradeNo: pair.out_trade_no, refundFen: toFen(pair.refund_fen) }, ours)
}

function judgeFeeRow(row: FeeRow): Difference | null {
  const { kind, amount_fen: amountFen, fee_milli_fen: feeMilliFen, rate_ppm: ratePpm } = row
  return judgeFee({ kind, amountFen: toFen(amountFen), feeMilliFen: Number(feeMilliFen), ratePpm })
}

export function paymentDiscrepancy(billId: string, pair: PaymentPair): NewDiscrepancy | undefined {
  const difference = judgePaymentPair(pair)
  return difference ? workItem(billId, pair, { difference, number: pair.out_trade_no }) : undefined
}

export function refundDiscrepancy(billId: string, pair: RefundPair): NewDiscrepancy | undefined {
  const difference = judgeRefundPair(pair)
  return difference ? workItem(billId, pair, { difference, number: pair.refund_id, refundId: pair.our_id }) : undefined
}

export function feeDiscrepancy(billId: string, row: FeeRow): NewDiscrepancy | undefined {
  const difference = judgeFeeRow(row)
  return difference ? workItem(billId, row, { difference, number: row.refund_id ?? row.out_trade_no }) : undefined
}

type ComparedRow = Pick<FeeRow, 'out_trade_no' | 'transaction_id' | 'payment_id' | 'order_id'> & Partial<Pick<FeeRow, 'out_refund_no'>>

/** @param found.refundId - ours, when the row is about it */
function workItem(
  billId: string,
  row: ComparedRow,
  { difference, number, refundId = null }: { difference: Difference; number: string; refundId?: string | null },
): NewDiscrepancy {
  return {
    billId,
    difference,
    number,
    about: { orderId: row.order_id, paymentId: row.payment_id, refundId },
    outTradeNo: row.out_trade_no,
    outRefundNo: row.out_refund_no ?? null,
    transactionId: row.transaction_id,
  }
}
