import { sql, type Kysely } from 'kysely'

/** What fund-flow bills say of refunds that have not succeeded. What a closed one has taken comes back on a day that no other bill names. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // Thousandths of a fen, as in bill_rows; below zero: taken.
  `CREATE TABLE refund_moves (
    bill_id bigint NOT NULL REFERENCES bills (id),
    refund_id bigint NOT NULL REFERENCES refunds (id),
    milli_fen bigint NOT NULL,
    PRIMARY KEY (bill_id, refund_id)
  )`,
  `CREATE INDEX refund_moves_of_refund ON refund_moves (refund_id)`,
]
