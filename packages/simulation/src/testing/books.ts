import type { MockControl, MockNotice, Trade } from './mockControl.ts'
import type { EmbeddedServer } from './postgres.ts'

export interface OrderRow {
  id: string
  token: string
  amount_fen: number
  status: string
  closed_reason: string | null
}

export interface PaymentRow {
  id: string
  order_id: string
  out_trade_no: string
  total_fen: number
  status: string
  anomalies: string[]
  transaction_id: string | null
  confirming: boolean
}

export interface NoticeRow {
  out_trade_no: string
  transaction_id: string | null
  deliveries: number
  outcome: string
}

export interface EventRow {
  order_id: string | null
  payment_id: string | null
  type: string
  source: string
}

export interface KeyRow {
  scope: string
  key: string
  order_id: string | null
  token: string | null
}

/** Both sides' books at one moment: ours as they lie in the database, and WeChat's. */
export interface Books {
  orders: OrderRow[]
  payments: PaymentRow[]
  notices: NoticeRow[]
  /** In the order in which they were written. */
  events: EventRow[]
  keys: KeyRow[]
  trades: Trade[]
  mockNotices: MockNotice[]
}

export async function readBooks(postgres: EmbeddedServer, control: MockControl): Promise<Books> {
  const ours = await postgres.read(async (client) => {
    const rows = async <Row extends object>(query: string) => (await client.query<Row>(query)).rows
    return {
      orders: await rows<OrderRow>('SELECT id, token, amount_fen, status, closed_reason FROM orders ORDER BY id'),
      payments: await rows<PaymentRow>(
        `SELECT id, order_id, out_trade_no, total_fen, status, anomalies, transaction_id, confirming_since IS NOT NULL AS confirming
         FROM payments ORDER BY id`,
      ),
      notices: await rows<NoticeRow>('SELECT out_trade_no, transaction_id, deliveries, outcome FROM notices ORDER BY id'),
      events: await rows<EventRow>(`SELECT order_id, payment_id, type, source FROM events ORDER BY id`),
      keys: await rows<KeyRow>(
        'SELECT scope, key, order_id, token FROM idempotency_keys LEFT JOIN orders ON orders.id = order_id ORDER BY scope, key',
      ),
    }
  })
  return { ...ours, trades: await control.trades(), mockNotices: await control.notices() }
}
