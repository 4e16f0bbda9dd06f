import { sql, type Kysely } from 'kysely'

/** Refunds, what is reserved for them on the payment, and the notices about them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // R18: whatever the code above it does, refunds that are not closed never exceed what was paid.
  `ALTER TABLE payments
    ADD COLUMN reserved_refund_fen integer NOT NULL DEFAULT 0,
    ADD COLUMN refund_called_at timestamptz,
    ADD COLUMN refund_called_no text,
    ADD CONSTRAINT payments_refunds_within_paid
      CHECK (reserved_refund_fen >= 0 AND reserved_refund_fen <= CASE WHEN status = 'paid' THEN total_fen ELSE 0 END)`,

  `CREATE TABLE refunds (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payment_id bigint NOT NULL REFERENCES payments (id),
    out_refund_no text NOT NULL UNIQUE CHECK (out_refund_no ~ '^[0-9A-Za-z_|*@-]{1,64}$'),
    origin text NOT NULL CHECK (origin IN ('operator', 'duplicate', 'late', 'wechat')),
    protocol text NOT NULL,
    refund_fen integer NOT NULL CHECK (refund_fen > 0),
    reason text,
    request jsonb,
    status text NOT NULL CHECK (status IN ('submitting', 'processing', 'success', 'closed', 'needs-attention', 'refused')),
    waiting_for text CHECK (waiting_for IN ('funds')),
    refund_id text UNIQUE,
    payer_refund_fen integer,
    received_account text,
    refusal jsonb,
    created_at timestamptz NOT NULL,
    accepted_at timestamptz,
    succeeded_at timestamptz,
    recorded_at timestamptz,
    tries integer NOT NULL DEFAULT 0,
    queries integer NOT NULL DEFAULT 0,
    next_submit_at timestamptz,
    next_query_at timestamptz,
    -- only what WeChat begins itself has no request of ours
    CHECK ((origin = 'wechat') = (request IS NULL)),
    CHECK (status IN ('submitting', 'refused') OR refund_id IS NOT NULL)
  )`,
  `CREATE INDEX refunds_of_payment ON refunds (payment_id)`,
  `CREATE INDEX refunds_to_submit ON refunds (next_submit_at) WHERE status = 'submitting'`,
  `CREATE INDEX refunds_to_query ON refunds (next_query_at) WHERE status IN ('processing', 'needs-attention')`,

  `ALTER TABLE notices ADD COLUMN out_refund_no text`,
  `ALTER TABLE idempotency_keys ADD COLUMN refund_id bigint REFERENCES refunds (id)`,
]
