import type { RefundRequest, ReportedRefund } from './port.ts'

const names = ['outRefundNo', 'outTradeNo', 'transactionId', 'totalFen', 'refundFen'] as const

/** A verified answer about another refund, or other amounts, must not be taken for an answer about this one. @returns what differs */
export function differenceOf(asked: RefundRequest, told: ReportedRefund): string | undefined {
  return names.find((name) => told[name] !== asked[name])
}
