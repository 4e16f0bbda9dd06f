import { sql, type Kysely } from 'kysely'

/** What the operators' lists are found by, and what tells who follows the events how far they are settled. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `CREATE INDEX orders_by_status ON orders (status, id)`,
  // The beginning of a number, whatever the collation.
  `CREATE INDEX orders_by_number ON orders (order_no text_pattern_ops)`,
  `CREATE INDEX refunds_by_status ON refunds (status, id)`,
  `CREATE INDEX events_by_type ON events (type, id)`,
  `CREATE INDEX bills_by_day ON bills (bill_date, id)`,

  // Held until the transaction ends, numbered by the last id that was given out before its own: see settledEvents.ts. Shared: nobody waits.
  `CREATE FUNCTION announce_events() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_advisory_xact_lock_shared((25974::bigint << 48) | last_value) FROM events_id_seq;
      RETURN NULL;
    END $$`,
  `CREATE TRIGGER events_announced BEFORE INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION announce_events()`,
]
