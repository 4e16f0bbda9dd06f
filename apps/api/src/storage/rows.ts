import type { Selectable } from 'kysely'
import { toFen } from 'wxpay-core/money'
import type { Order } from '../domain/order.ts'
import type { Means } from '../domain/means.ts'
import type { Payment } from '../domain/payment.ts'
import type { OrdersTable, PaymentsTable, StoredPrepayRequest } from './tables.ts'

/** By name, where a row is read again and again: a plan that is kept may not change its columns (keepPlans.ts). */
export const orderColumns = [
  'id',
  'token',
  'order_no',
  'amount_fen',
  'description',
  'status',
  'closed_reason',
  'version',
  'created_at',
  'paid_at',
  'recorded_at',
  'closed_at',
] as const satisfies readonly (keyof OrdersTable)[]

export function toOrder(row: Pick<Selectable<OrdersTable>, (typeof orderColumns)[number]>): Order {
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

export const paymentColumns = [
  'id',
  'order_id',
  'out_trade_no',
  'protocol',
  'trade_type',
  'request',
  'total_fen',
  'status',
  'anomalies',
  'action',
  'prepay_id',
  'created_at',
  'code_expires_at',
  'expires_at',
  'close_reason',
  'closed_at',
  'refusal',
  'confirming_since',
  'transaction_id',
  'payer_fen',
  'open_id',
  'paid_at',
  'recorded_at',
  'reserved_refund_fen',
] as const satisfies readonly (keyof PaymentsTable)[]

export function toPayment(row: Pick<Selectable<PaymentsTable>, (typeof paymentColumns)[number]>): Payment {
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
