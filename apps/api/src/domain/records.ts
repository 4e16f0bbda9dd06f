import type { Bill } from './bill.ts'
import type { Order } from './order.ts'
import type { Anomaly, Payment } from './payment.ts'
import type { Refund } from './refund.ts'

/** One page of a list. `next` is the key to go on from; null on the last one. */
export interface Page<Item> {
  items: Item[]
  next: string | null
}

/** An order in a list. */
export interface OrderRecord {
  order: Order
  /** In fen: what refunds hold of all its payments. */
  refundedFen: number
  anomalies: readonly Anomaly[]
}

/** A refund with the numbers of what it belongs to. */
export interface RefundRecord {
  refund: Refund
  outTradeNo: string
  orderNo: string
}

/** A line of the history with the numbers of what it is about. */
export interface EventRecord {
  /** Rises, and never below what was handed out before (see storage/lists/settledEvents.ts). */
  id: string
  type: string
  source: 'notice' | 'query' | 'bill' | 'operator' | 'shopper' | 'api' | 'clock'
  orderNo: string | null
  outTradeNo: string | null
  data: Readonly<Record<string, unknown>>
  at: Date
}

/** An order with all that happened to it. */
export interface OrderHistory {
  order: Order
  payments: readonly Payment[]
  refunds: readonly RefundRecord[]
  events: readonly EventRecord[]
}

export interface BillRecord {
  bill: Bill
  openDiscrepancies: number
}

/** WeChat's file, gzipped. */
export interface BillFile {
  bill: Pick<Bill, 'kind' | 'billDate'>
  bytes: number
  /** Fails when the bill is fetched anew meanwhile: the pieces of two files are none. */
  pieces(): AsyncGenerator<Buffer>
}
