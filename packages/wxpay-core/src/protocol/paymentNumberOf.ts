import type { PaymentNotice, RefundNotice } from './port.ts'

/** The out_trade_no of the payment that a notice is about. */
export function paymentNumberOf(notice: PaymentNotice | RefundNotice): string {
  if (notice.outcome === 'paid') return notice.trade.outTradeNo
  return notice.outcome === 'refund' ? notice.refund.outTradeNo : notice.outTradeNo
}
