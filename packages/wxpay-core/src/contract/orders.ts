import { z } from 'zod'
import { attemptStates, orderStatuses, TradeType } from './checkouts.ts'
import { PageQuery, pageOf } from './paging.ts'
import { RefundView } from './refunds.ts'

export const OrderParams = z.strictObject({ orderNo: z.string().regex(/^[0-9A-Za-z_|*-]{1,64}$/) })

export const paymentStatuses = [...attemptStates, 'paid'] as const
export const anomalies = ['amount-mismatch', 'paid-after-close', 'duplicate', 'conflict'] as const

/** An order as operators see it. */
export const OrderView = z.object({
  orderNo: z.string(),
  amountFen: z.int(),
  description: z.string(),
  status: z.enum(orderStatuses),
  closedReason: z.enum(['cancelled', 'expired']).nullable(),
  /** What has gone back or is on its way back, over all its payments. */
  refundedFen: z.int(),
  /** What needs a look, over all its payments. */
  anomalies: z.array(z.enum(anomalies)),
  createdAt: z.string(),
  paidAt: z.string().nullable(),
})
export type OrderView = z.infer<typeof OrderView>

/** One attempt at WeChat, as operators see it. */
export const PaymentView = z.object({
  outTradeNo: z.string(),
  transactionId: z.string().nullable(),
  protocol: z.string(),
  tradeType: TradeType,
  totalFen: z.int(),
  payerFen: z.int().nullable(),
  status: z.enum(paymentStatuses),
  anomalies: z.array(z.enum(anomalies)),
  confirmingSince: z.string().nullable(),
  /** What can still be refunded: 0 unless it is paid. */
  refundableFen: z.int(),
  createdAt: z.string(),
  paidAt: z.string().nullable(),
  closedAt: z.string().nullable(),
})
export type PaymentView = z.infer<typeof PaymentView>

export const eventSources = ['notice', 'query', 'bill', 'operator', 'shopper', 'api', 'clock'] as const

/** A line of the append-only history. */
export const EventView = z.object({
  /** Rises. */
  id: z.string(),
  type: z.string(),
  source: z.enum(eventSources),
  orderNo: z.string().nullable(),
  outTradeNo: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
  at: z.string(),
})
export type EventView = z.infer<typeof EventView>

/** GET /v1/orders/:orderNo */
export const OrderDetail = OrderView.extend({
  payments: z.array(PaymentView),
  refunds: z.array(RefundView),
  events: z.array(EventView),
})
export type OrderDetail = z.infer<typeof OrderDetail>

/** `q`: an order's number, a payment's, a refund's, or WeChat's of either; or the beginning of an order's number. */
export const OrderListQuery = PageQuery.extend({
  status: z.enum(orderStatuses).optional(),
  q: z.string().min(1, 'must not be empty').max(64, 'must be at most 64 characters').optional(),
})
export const OrderPage = pageOf(OrderView)
export type OrderPage = z.infer<typeof OrderPage>

/** `after`: only events with a higher id, oldest first, for whoever follows along; without it newest first. */
export const EventListQuery = PageQuery.extend({
  after: z
    .string()
    .regex(/^\d{1,18}$/, 'must be the id of an event')
    .optional(),
  type: z
    .string()
    .regex(/^[a-z_.-]{1,64}$/, 'must be the type of an event')
    .optional(),
})
export const EventPage = pageOf(EventView)
export type EventPage = z.infer<typeof EventPage>
