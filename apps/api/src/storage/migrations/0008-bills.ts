import { sql, type Kysely } from 'kysely'

/** WeChat's bills as files and as rows, and what does not agree with them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `CREATE TABLE bills (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mch_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('trade', 'fund-flow')),
    bill_date date NOT NULL,
    state text NOT NULL CHECK (state IN ('due', 'stored', 'reconciled', 'empty', 'set-aside')),
    requested_by text NOT NULL CHECK (requested_by IN ('clock', 'operator')),
    created_at timestamptz NOT NULL,
    next_try_at timestamptz,
    tries integer NOT NULL DEFAULT 0,
    problem jsonb,
    sha1 text,
    plain_bytes bigint,
    row_count integer,
    totals jsonb,
    stored_at timestamptz,
    reconciled_at timestamptz,
    UNIQUE (mch_id, kind, bill_date),
    CHECK (state <> 'set-aside' OR problem IS NOT NULL)
  )`,
  `CREATE INDEX bills_to_try ON bills (next_try_at) WHERE state IN ('due', 'stored')`,

  // The file as WeChat sent it, gzipped, in pieces: any process can read it again, whatever machine fetched it.
  `CREATE TABLE bill_pieces (
    bill_id bigint NOT NULL REFERENCES bills (id),
    number integer NOT NULL,
    gzip bytea NOT NULL,
    PRIMARY KEY (bill_id, number)
  )`,

  // Rows of trade bills. Amounts in fen; fees in thousandths of a fen, because WeChat prints five decimals of a yuan; rates in millionths.
  `CREATE TABLE bill_rows (
    bill_id bigint NOT NULL REFERENCES bills (id),
    line integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('payment', 'refund')),
    at timestamptz NOT NULL,
    out_trade_no text NOT NULL,
    transaction_id text NOT NULL,
    total_fen integer NOT NULL,
    out_refund_no text,
    refund_id text,
    refund_fen integer,
    fee_milli_fen bigint NOT NULL,
    rate_ppm integer,
    PRIMARY KEY (bill_id, line),
    CHECK ((kind = 'refund') = (refund_id IS NOT NULL AND refund_fen IS NOT NULL))
  )`,
  `CREATE INDEX bill_rows_of_payment ON bill_rows (out_trade_no)`,
  `CREATE INDEX bill_rows_of_refund ON bill_rows (refund_id) WHERE refund_id IS NOT NULL`,

  `CREATE TABLE discrepancies (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bill_id bigint NOT NULL REFERENCES bills (id),
    class text NOT NULL,
    number text NOT NULL,
    payment_id bigint REFERENCES payments (id),
    refund_id bigint REFERENCES refunds (id),
    out_trade_no text,
    out_refund_no text,
    transaction_id text,
    ours_fen bigint,
    theirs_fen bigint,
    detail text NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'resolved')),
    opened_at timestamptz NOT NULL,
    resolved_at timestamptz,
    resolver text,
    reason text,
    -- when both sides are looked at again
    next_judge_at timestamptz,
    -- the same difference of the same day is one work item, however often the bill is compared
    UNIQUE (bill_id, class, number),
    CHECK ((state = 'resolved') = (resolved_at IS NOT NULL AND resolver IS NOT NULL AND reason IS NOT NULL))
  )`,
  `CREATE INDEX discrepancies_open ON discrepancies (id) WHERE state = 'open'`,
  `CREATE INDEX discrepancies_to_judge ON discrepancies (next_judge_at) WHERE state = 'open'`,

  // A bill is of one merchant number: payments of another are not missing in it. null: made before this was kept, and taken for today's.
  `ALTER TABLE payments ADD COLUMN mch_id text`,
  // What a day's bill has to have.
  `CREATE INDEX payments_by_paid_at ON payments (paid_at) WHERE status = 'paid'`,
  `CREATE INDEX refunds_by_accepted_at ON refunds (accepted_at) WHERE accepted_at IS NOT NULL`,
]
