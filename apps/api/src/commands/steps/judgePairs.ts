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

export function judgeFeeRow(row: FeeRow): Difference | null {
  const { kind, amount_fen: amountFen, fee_milli_fen: feeMilliFen, rate_ppm: ratePpm } = row
  return judgeFee({ kind, amountFen: toFen(amountFen), feeMilliFen: Number(feeMilliFen), ratePpm })
}

export function paymentDiscrepancy(billId: string, pair: PaymentPair): NewDiscrepancy | undefined {
  const difference = judgePaymentPair(pair)
  if (!difference) return undefined
  return {
    billId,
    difference,
    number: pair.out_trade_no,
    about: { orderId: pair.order_id, paymentId: pair.payment_id, refundId: null },
    outTradeNo: pair.out_trade_no,
    outRefundNo: null,
    transactionId: pair.transaction_id,
  }
}

export function refundDiscrepancy(billId: string, pair: RefundPair): NewDiscrepancy | undefined {
  const difference = judgeRefundPair(pair)
  if (!difference) return undefined
  return {
    billId,
    difference,
    number: pair.refund_id,
    about: { orderId: pair.order_id, paymentId: pair.payment_id, refundId: pair.our_id },
    outTradeNo: pair.out_trade_no,
    outRefundNo: pair.out_refund_no,
    transactionId: pair.transaction_id,
  }
}

export function feeDiscrepancy(billId: string, row: FeeRow): NewDiscrepancy | undefined {
  const difference = judgeFeeRow(row)
  if (!difference) return undefined
  return {
    billId,
    difference,
    number: row.refund_id ?? row.out_trade_no,
    about: { orderId: row.order_id, paymentId: row.payment_id, refundId: null },
    outTradeNo: row.out_trade_no,
    outRefundNo: row.out_refund_no,
    transactionId: row.transaction_id,
  }
}
