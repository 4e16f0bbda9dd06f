import type { Ledger } from '../ledger/ledger.ts'

/** The numbers by which a call speaks of a trade or a refund; "" and absent ones do not count. */
export interface Numbers {
  mchid: string
  transactionId?: string | undefined
  outTradeNo?: string | undefined
  refundId?: string | undefined
  outRefundNo?: string | undefined
}

/** The order that a call is about, for faults that strike one order only; "" when nobody knows. */
export function orderOf(ledger: Ledger, { mchid, transactionId, outTradeNo, refundId, outRefundNo }: Numbers): string {
  const refund = ledger.refunds.byId(refundId ?? '') ?? ledger.refunds.find(mchid, outRefundNo ?? '')
  return refund?.outTradeNo ?? ledger.byTransaction(transactionId ?? '')?.outTradeNo ?? outTradeNo ?? ''
}
