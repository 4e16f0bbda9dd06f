import type { EventView, OrderDetail, OrderView, PaymentView } from 'wxpay-core/contract'
import type { Payment } from '../domain/payment.ts'
import type { EventRecord, OrderHistory, OrderRecord } from '../domain/records.ts'
import { presentRefund } from './presentRefund.ts'

/** An order as operators see it: what is not named here never leaves. */
export function presentOrder({ order, refundedFen, anomalies }: OrderRecord): OrderView {
  return {
    orderNo: order.orderNo,
    amountFen: order.amountFen,
    description: order.description,
    status: order.status,
    closedReason: order.closedReason,
    refundedFen,
    anomalies: [...anomalies],
    createdAt: order.createdAt.toISOString(),
    paidAt: order.paidAt?.toISOString() ?? null,
  }
}

export function presentOrderHistory({ order, payments, refunds, events }: OrderHistory): OrderDetail {
  const refundedFen = payments.reduce((sum, { reservedRefundFen }) => sum + reservedRefundFen, 0)
  const anomalies = [...new Set(payments.flatMap((payment) => payment.anomalies))]
  return {
    ...presentOrder({ order, refundedFen, anomalies }),
    payments: payments.map(presentPayment),
    refunds: refunds.map(presentRefund),
    events: events.map(presentEvent),
  }
}

/** Neither who paid, nor what the payer's device was given, nor what was sent to WeChat. */
function presentPayment(payment: Payment): PaymentView {
  return {
    outTradeNo: payment.outTradeNo,
    transactionId: payment.transactionId,
    protocol: payment.protocol,
    tradeType: payment.tradeType,
    totalFen: payment.totalFen,
    payerFen: payment.payerFen,
    status: payment.status,
    anomalies: [...payment.anomalies],
    confirmingSince: payment.confirmingSince?.toISOString() ?? null,
    refundableFen: payment.status === 'paid' ? payment.totalFen - payment.reservedRefundFen : 0,
    createdAt: payment.createdAt.toISOString(),
    paidAt: payment.paidAt?.toISOString() ?? null,
    closedAt: payment.closedAt?.toISOString() ?? null,
  }
}

/** Its data are facts that were chosen to be kept (NewEvent); messages as they arrived lie elsewhere and stay there. */
export function presentEvent({ id, type, source, orderNo, outTradeNo, data, at }: EventRecord): EventView {
  return { id, type, source, orderNo, outTradeNo, data: { ...data }, at: at.toISOString() }
}
