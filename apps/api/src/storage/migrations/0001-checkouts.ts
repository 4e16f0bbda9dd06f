import { sql, type Kysely } from 'kysely'

/** Orders, payments, notices, events, WeChat's answers, idempotency keys, watches and call budgets. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token text NOT NULL UNIQUE CHECK (length(token) >= 22),
    order_no text NOT NULL UNIQUE,
    amount_fen integer NOT NULL CHECK (amount_fen > 0),
    description text NOT NULL,
    client_address text NOT NULL,
    status text NOT NULL CHECK (status IN ('unpaid', 'paid', 'closed')),
    closed_reason text CHECK (closed_reason IN ('cancelled', 'expired')),
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    paid_at timestamptz,
    recorded_at timestamptz,
    closed_at timestamptz,
    CHECK ((status = 'paid') = (recorded_at IS NOT NULL)),
    CHECK (status <> 'closed' OR closed_reason IS NOT NULL)
  )`,
  `CREATE INDEX orders_of_address ON orders (client_address, created_at)`,
  `CREATE INDEX orders_unpaid ON orders (created_at) WHERE status = 'unpaid'`,

  `CREATE TABLE payments (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint NOT NULL REFERENCES orders (id),
    out_trade_no text NOT NULL UNIQUE CHECK (out_trade_no ~ '^[0-9A-Za-z_|*-]{6,32}$'),
    protocol text NOT NULL,
    trade_type text NOT NULL,
    total_fen integer NOT NULL CHECK (total_fen > 0),
    request jsonb NOT NULL,
    status text NOT NULL CHECK (status IN ('preparing', 'pending', 'closing', 'closed', 'paid', 'refused')),
    anomalies text[] NOT NULL DEFAULT '{}',
    action jsonb,
    created_at timestamptz NOT NULL,
    prepare_lease_until timestamptz,
    prepare_started_at timestamptz,
    prepare_tries integer NOT NULL DEFAULT 0,
    close_lease_until timestamptz,
    shown_at timestamptz,
    code_expires_at timestamptz,
    expires_at timestamptz NOT NULL,
    close_reason text CHECK (close_reason IN ('expired', 'cancelled', 'replaced', 'order-paid')),
    closed_at timestamptz,
    refusal jsonb,
    confirming_since timestamptz,
    transaction_id text,
    payer_fen integer,
    open_id text,
    paid_at timestamptz,
    recorded_at timestamptz,
    queries integer NOT NULL DEFAULT 0,
    last_queried_at timestamptz,
    close_tries integer NOT NULL DEFAULT 0,
    next_prepare_at timestamptz,
    next_query_at timestamptz,
    next_close_at timestamptz,
    CHECK ((status = 'paid') = (recorded_at IS NOT NULL AND transaction_id IS NOT NULL)),
    CHECK (status <> 'pending' OR confirming_since IS NOT NULL OR action IS NOT NULL)
  )`,
  // At most one open payment per order, whatever the code above it does.
  `CREATE UNIQUE INDEX payments_one_open_per_order ON payments (order_id) WHERE status IN ('preparing', 'pending', 'closing')`,
  `CREATE INDEX payments_of_order ON payments (order_id)`,
  `CREATE INDEX payments_by_transaction ON payments (transaction_id) WHERE transaction_id IS NOT NULL`,
  `CREATE INDEX payments_open ON payments (created_at) WHERE status IN ('preparing', 'pending', 'closing')`,

  `CREATE TABLE notices (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    protocol text NOT NULL,
    notice_id text NOT NULL,
    out_trade_no text NOT NULL,
    transaction_id text,
    payment_id bigint REFERENCES payments (id),
    outcome text NOT NULL,
    raw text NOT NULL,
    deliveries integer NOT NULL DEFAULT 1,
    received_at timestamptz NOT NULL,
    UNIQUE (protocol, notice_id)
  )`,

  `CREATE TABLE events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint REFERENCES orders (id),
    payment_id bigint REFERENCES payments (id),
    type text NOT NULL,
    source text NOT NULL,
    data jsonb NOT NULL,
    at timestamptz NOT NULL
  )`,
  `CREATE INDEX events_of_order ON events (order_id, id)`,

  `CREATE TABLE wechat_answers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payment_id bigint NOT NULL REFERENCES payments (id),
    call text NOT NULL,
    outcome text NOT NULL,
    raw text NOT NULL,
    at timestamptz NOT NULL
  )`,
  `CREATE INDEX wechat_answers_of_payment ON wechat_answers (payment_id, id)`,

  `CREATE TABLE idempotency_keys (
    scope text NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    order_id bigint REFERENCES orders (id),
    payment_id bigint REFERENCES payments (id),
    answer jsonb,
    lease_until timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (scope, key)
  )`,
  `CREATE INDEX idempotency_keys_of_order ON idempotency_keys (order_id)`,
  `CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)`,

  `CREATE TABLE order_watches (token text PRIMARY KEY, watched_until timestamptz NOT NULL)`,
  `CREATE TABLE call_budgets (name text PRIMARY KEY, next_at timestamptz NOT NULL)`,

  // The last line of defence: no path leads from paid to anything else, and history is only ever added to.
  `CREATE FUNCTION refuse_unpaying() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF OLD.status = 'paid' AND NEW.status <> 'paid' THEN
        RAISE EXCEPTION '% % is paid and stays paid', TG_TABLE_NAME, OLD.id USING ERRCODE = 'check_violation';
      END IF;
      RETURN NEW;
    END $$`,
  `CREATE TRIGGER orders_stay_paid BEFORE UPDATE OF status ON orders FOR EACH ROW EXECUTE FUNCTION refuse_unpaying()`,
  `CREATE TRIGGER payments_stay_paid BEFORE UPDATE OF status ON payments FOR EACH ROW EXECUTE FUNCTION refuse_unpaying()`,
  `CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
    END $$`,
  `CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()`,
  `CREATE TRIGGER wechat_answers_append_only BEFORE UPDATE OR DELETE ON wechat_answers FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()`,
]
