import { sql } from 'kysely'
import type { OrderStatus } from '../../domain/order.ts'
import type { OrderHistory, OrderRecord, Page } from '../../domain/records.ts'
import { OrderNotFoundError } from '../../domain/readErrors.ts'
import type { Database } from '../database.ts'
import { toOrder, toPayment } from '../rows.ts'
import { eventRows, toEventRecord } from './events.ts'
import { pageOf, type PageWish } from './page.ts'
import { refundRows, toRefundRecord } from './refunds.ts'

export interface OrderListWish extends PageWish {
  status?: OrderStatus | undefined
  /** The beginning of an order's number, or the whole number of an order, a payment or a refund, ours or WeChat's. */
  q?: string | undefined
}

/** Newest first. */
export async function listOrders(db: Database, wish: OrderListWish): Promise<Page<OrderRecord>> {
  const { limit, q } = wish
  const orders = newestOrders(db, wish)
  const rows =
    q === undefined
      ? await orders.execute()
      : merge([await orders.where('order_no', 'like', `${escapeLike(q)}%`).execute(), await orders.where(hasNumber(q)).execute()])
  const { items, next } = pageOf(rows, { limit, keyOf: ({ id }) => id, item: toOrder })
  const totals = await totalsOf(
    db,
    items.map(({ id }) => id),
  )
  return { items: items.map((order) => ({ order, ...(totals.get(order.id) ?? { refundedFen: 0, anomalies: [] }) })), next }
}

function newestOrders(db: Database, { status, from, limit }: OrderListWish) {
  return db
    .selectFrom('orders')
    .selectAll()
    .$if(status !== undefined, (orders) => orders.where('status', '=', status ?? 'unpaid'))
    .$if(from !== null, (orders) => orders.where('id', '<', from ?? ''))
    .orderBy('id', 'desc')
    .limit(limit + 1)
}

/** The numbers of payments and refunds, by their indexes first: there are few orders behind them. */
function hasNumber(q: string) {
  return sql<boolean>`id = ANY (ARRAY(
    SELECT order_id FROM payments WHERE out_trade_no = ${q}
    UNION SELECT order_id FROM payments WHERE transaction_id = ${q}
    UNION SELECT order_id FROM refunds JOIN payments ON payments.id = refunds.payment_id WHERE out_refund_no = ${q}
    UNION SELECT order_id FROM refunds JOIN payments ON payments.id = refunds.payment_id WHERE refund_id = ${q}
  ))`
}

function merge<Row extends { id: string }>(found: readonly Row[][]): Row[] {
  const byId = new Map(found.flat().map((row) => [row.id, row]))
  return [...byId.values()].toSorted((a, b) => Number(BigInt(b.id) - BigInt(a.id)))
}

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`)
}

type Totals = Pick<OrderRecord, 'refundedFen'> & { anomalies: OrderRecord['anomalies'] }

async function totalsOf(db: Database, orderIds: readonly string[]): Promise<Map<string, Totals>> {
  const totals = new Map<string, Totals>()
  if (orderIds.length === 0) return totals
  const rows = await db
    .selectFrom('payments')
    .select(['order_id', 'reserved_refund_fen', 'anomalies'])
    .where(({ eb, fn, val }) => eb('order_id', '=', fn.any(val(orderIds)))) // one statement, however long the page is
    .orderBy('id')
    .execute()
  for (const row of rows) {
    const { refundedFen, anomalies } = totals.get(row.order_id) ?? { refundedFen: 0, anomalies: [] }
    totals.set(row.order_id, {
      refundedFen: refundedFen + row.reserved_refund_fen,
      anomalies: [...new Set([...anomalies, ...row.anomalies])],
    })
  }
  return totals
}

/** In one snapshot. @throws {OrderNotFoundError} */
export async function readOrderHistory(db: Database, orderNo: string): Promise<OrderHistory> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const order = await tx.selectFrom('orders').selectAll().where('order_no', '=', orderNo).executeTakeFirst()
      if (!order) throw new OrderNotFoundError(`no order ${orderNo}`)
      const payments = await tx.selectFrom('payments').selectAll().where('order_id', '=', order.id).orderBy('id').execute()
      const refunds = await refundRows(tx).where('payments.order_id', '=', order.id).orderBy('refunds.id').execute()
      const events = await eventRows(tx).where('events.order_id', '=', order.id).orderBy('events.id').execute()
      return {
        order: toOrder(order),
        payments: payments.map(toPayment),
        refunds: refunds.map(toRefundRecord),
        events: events.map(toEventRecord),
      }
    })
}
