import { cashFen, type Trade } from '../ledger/trade.ts'
import type { FinalStatus, Refund } from '../refunds/refund.ts'
import { formatRfc3339 } from '../support/rfc3339.ts'

const summaries: Record<FinalStatus, string> = { SUCCESS: '退款成功', ABNORMAL: '退款异常', CLOSED: '退款关闭' }

/** What the envelope of a v3 notice says about its content, and the content. */
export interface Announcement {
  event_type: string
  summary: string
  original_type: 'transaction' | 'refund'
  /** Real milliseconds. */
  createdAt: number
  plaintext: Record<string, unknown>
}

/**
 * The result of a refund: no currency, no channel, and `refund_status` where the query says `status`.
 *
 * @see 退款结果通知, APIv3
 */
export function announceRefund(refund: Refund, trade: Trade): Announcement {
  const { status, realFinishedAt, refundFen, couponFen } = refund
  if (status === 'PROCESSING' || realFinishedAt === null || !trade.payment) throw new Error('only results are announced')
  return {
    event_type: `REFUND.${status}`,
    summary: summaries[status],
    original_type: 'refund',
    createdAt: realFinishedAt,
    plaintext: {
      mchid: refund.mchid,
      out_trade_no: refund.outTradeNo,
      transaction_id: refund.transactionId,
      out_refund_no: refund.outRefundNo,
      refund_id: refund.refundId,
      refund_status: status,
      ...(status === 'SUCCESS' ? { success_time: formatRfc3339(realFinishedAt) } : {}),
      amount: {
        total: trade.totalFen,
        refund: refundFen,
        payer_total: cashFen(trade, trade.payment),
        payer_refund: refundFen - couponFen,
      },
      user_received_account: refund.receivedAccount,
    },
  }
}
