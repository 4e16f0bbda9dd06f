import { randomInt, randomUUID } from 'node:crypto'
import type pg from 'pg'

export interface PendingPayment {
  orderId: string
  token: string
  paymentId: string
  outTradeNo: string
  transactionId: string
}

/**
 * Copies a checkout that waits for its payer, as often as wanted: all columns but what must be different.
 *
 * @param token - of the order that is copied; it has one payment
 */
export async function copyPending(client: pg.Client, token: string, count: number): Promise<PendingPayment[]> {
  const series = randomUUID().replaceAll('-', '').slice(0, 12)
  const orders = await columnsOf(client, 'orders', ['token', 'order_no'])
  const payments = await columnsOf(client, 'payments', ['order_id', 'out_trade_no'])
  const { rows } = await client.query<{ orderId: string; token: string; paymentId: string; outTradeNo: string }>(
    `WITH copied AS (
       INSERT INTO orders (token, order_no, ${orders})
       SELECT $2 || lpad(i::text, 20, '0'), $2 || i, ${orders} FROM orders, generate_series(1, $3::int) i WHERE token = $1
       RETURNING id, token, order_no
     ), paying AS (
       INSERT INTO payments (order_id, out_trade_no, ${payments})
       SELECT copied.id, copied.order_no, ${payments} FROM copied, payments
       WHERE payments.order_id = (SELECT id FROM orders WHERE token = $1)
       RETURNING id, order_id, out_trade_no
     )
     SELECT copied.id AS "orderId", copied.token, paying.id AS "paymentId", paying.out_trade_no AS "outTradeNo"
     FROM copied JOIN paying ON paying.order_id = copied.id ORDER BY copied.id`,
    [token, series, count],
  )
  const first = randomInt(2 ** 40)
  return rows.map((row, index) => ({ ...row, transactionId: `42000${String(first + index).padStart(23, '0')}` }))
}

/** Every column that is not made by the database, for a list in SQL. */
async function columnsOf(client: pg.Client, table: string, without: readonly string[]): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT quote_ident(column_name) AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name = $1 AND is_identity = 'NO' AND column_name <> ALL ($2)`,
    [table, without],
  )
  return rows.map(({ name }) => name).join(', ')
}
