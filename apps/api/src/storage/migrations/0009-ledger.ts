import { sql, type QueryExecutorProvider } from 'kysely'

/** A small double-entry ledger, with what was booked before there was one. */
export async function up(db: QueryExecutorProvider): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `CREATE TABLE ledger_postings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL UNIQUE,
    kind text NOT NULL,
    order_id bigint REFERENCES orders (id),
    payment_id bigint REFERENCES payments (id),
    refund_id bigint REFERENCES refunds (id),
    bill_id bigint REFERENCES bills (id),
    receivable_fen bigint NOT NULL DEFAULT 0,
    sales_fen bigint NOT NULL DEFAULT 0,
    refunds_fen bigint NOT NULL DEFAULT 0,
    fees_fen bigint NOT NULL DEFAULT 0,
    wechat_clearing_fen bigint NOT NULL DEFAULT 0,
    wechat_balance_fen bigint NOT NULL DEFAULT 0,
    at timestamptz NOT NULL,
    -- double entry: debits and credits of a posting are equal, whatever the code above it does
    CHECK (receivable_fen + sales_fen + refunds_fen + fees_fen + wechat_clearing_fen + wechat_balance_fen = 0)
  )`,
  `CREATE INDEX ledger_postings_of_order ON ledger_postings (order_id) WHERE order_id IS NOT NULL`,
  `CREATE INDEX ledger_postings_of_bill ON ledger_postings (bill_id) WHERE bill_id IS NOT NULL`,
  `CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON ledger_postings FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()`,

  `INSERT INTO ledger_postings (key, kind, order_id, receivable_fen, sales_fen, at)
    SELECT 'order-paid:' || id, 'order-paid', id, amount_fen, -amount_fen, recorded_at FROM orders WHERE status = 'paid'`,
  `INSERT INTO ledger_postings (key, kind, order_id, payment_id, wechat_clearing_fen, receivable_fen, at)
    SELECT 'payment-paid:' || id, 'payment-paid', order_id, id, total_fen, -total_fen, recorded_at FROM payments WHERE status = 'paid'`,
  // Of a payment that pays its order from the sale, of any other from what we owe (domain/ledger.ts).
  `INSERT INTO ledger_postings (key, kind, order_id, payment_id, refund_id, refunds_fen, receivable_fen, wechat_clearing_fen, at)
    SELECT 'refund-accepted:' || id, 'refund-accepted', order_id, payment_id, id,
      CASE WHEN pays THEN refund_fen ELSE 0 END, CASE WHEN pays THEN 0 ELSE refund_fen END, -refund_fen, accepted_at
    FROM (
      SELECT refunds.id, order_id, payment_id, refund_fen, accepted_at, orders.status = 'paid' AND NOT 'duplicate' = ANY (anomalies) AS pays
      FROM refunds JOIN payments ON payments.id = payment_id JOIN orders ON orders.id = order_id
      WHERE refunds.status IN ('processing', 'success', 'needs-attention')
    ) AS accepted`,
]
