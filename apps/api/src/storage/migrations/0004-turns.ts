import { sql, type Kysely } from 'kysely'

/** Whose turn has come is found by these, and not by reading all who wait (see paymentDuties.ts, whose words they must have). */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const settled = `confirming_since IS NULL AND NOT anomalies @> '{amount-mismatch}'`

const statements = [
  `ALTER TABLE payments ADD COLUMN query_reserved boolean NOT NULL DEFAULT false`,
  `CREATE INDEX payments_to_prepare ON payments (next_prepare_at) WHERE status = 'preparing' AND ${settled}`,
  `CREATE INDEX payments_to_query ON payments (next_query_at) WHERE status = 'pending' AND ${settled}`,
  `CREATE INDEX payments_to_close ON payments (next_close_at) WHERE status IN ('preparing', 'pending', 'closing') AND ${settled}`,

  // They were for the search for lost jobs. The one of orders led the limits on an address into reading all unpaid orders, which is why
  // the one below holds only what has an end.
  `DROP INDEX payments_open`,
  `DROP INDEX orders_unpaid`,

  // When an unpaid order is to end, unless somebody tries to pay it again.
  `ALTER TABLE orders ADD COLUMN ends_at timestamptz`,
  `UPDATE orders SET ends_at = created_at WHERE status = 'unpaid' AND NOT EXISTS (
    SELECT FROM payments WHERE order_id = orders.id AND payments.status IN ('preparing', 'pending', 'closing'))`,
  `CREATE INDEX orders_to_end ON orders (ends_at) WHERE status = 'unpaid' AND ends_at IS NOT NULL`,
]
