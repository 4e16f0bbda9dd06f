import type { Selectable } from 'kysely'
import { toFen } from 'wxpay-core/money'
import type { Order } from '../domain/order.ts'
import type { Means } from '../domain/means.ts'
import type { Payment } from '../domain/payment.ts'
import type { OrdersTable, PaymentsTable, StoredPrepayRequest } from './tables.ts'

export function toOrder(row: Selectable<OrdersTable>): Order {
  return {
    id: row.id,
    token: row.token,
    orderNo: row.order_no,
    amountFen: toFen(row.amount_fen),
    description: row.description,
    status: row.status,
    closedReason: row.closed_reason,
    version: row.version,
    createdAt: row.created_at,
    paidAt: row.paid_at,
    recordedAt: row.recorded_at,
    closedAt: row.closed_at,
  }
}

export function toPayment(row: Selectable<PaymentsTable>): Payment {
  return {
    id: row.id,
    orderId: row.order_id,
    outTradeNo: row.out_trade_no,
    protocol: row.protocol,
    tradeType: row.trade_type,
    means: toMeans(row.request),
    totalFen: toFen(row.total_fen),
    status: row.status,
    anomalies: row.anomalies,
    action: row.action,
    prepayId: row.prepay_id,
    createdAt: row.created_at,
    codeExpiresAt: row.code_expires_at,
    expiresAt: row.expires_at,
    closeReason: row.close_reason,
    closedAt: row.closed_at,
    refusal: row.refusal,
    confirmingSince: row.confirming_since,
    transactionId: row.transaction_id,
    payerFen: row.payer_fen === null ? null : toFen(row.payer_fen),
    openId: row.open_id,
    paidAt: row.paid_at,
    recordedAt: row.recorded_at,
    reservedRefundFen: toFen(row.reserved_refund_fen),
  }
}

/** The exact request tells whom it was made for. */
function toMeans(request: StoredPrepayRequest): Means {
  switch (request.tradeType) {
    case 'native':
      return { tradeType: 'native', ...(request.productId !== undefined && { productId: request.productId }) }
    case 'jsapi':
      return { tradeType: 'jsapi', payer: { appId: request.appId, openId: request.openId }, address: request.clientIp }
    case 'h5':
      return { tradeType: 'h5', device: request.device, address: request.clientIp }
  }
}
