import { sql, type Kysely } from 'kysely'

/** Payers whose openid WeChat has told us, the authorisations that lead there, pushed messages, and WeChat's tokens. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // What a browser was sent to WeChat with. state, browser and code are SHA-256: who reads the table can finish nothing.
  `CREATE TABLE authorisations (
    state_hash text PRIMARY KEY,
    browser_hash text NOT NULL,
    app_id text NOT NULL,
    return_path text NOT NULL CHECK (return_path ~ '^/([^/\\\\]|$)'),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    code_hash text,
    exchange_lease_until timestamptz,
    finished_at timestamptz,
    outcome text,
    open_id text,
    CHECK ((finished_at IS NULL) = (outcome IS NULL)),
    CHECK ((open_id IS NOT NULL) = (outcome IS NOT NULL AND outcome = 'known'))
  )`,
  `CREATE INDEX authorisations_by_age ON authorisations (created_at)`,

  `CREATE TABLE payer_sessions (
    token_hash text PRIMARY KEY,
    source text NOT NULL CHECK (source IN ('official-account', 'mini-program')),
    app_id text NOT NULL,
    open_id text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
  )`,
  `CREATE INDEX payer_sessions_by_end ON payer_sessions (expires_at)`,

  `CREATE TABLE account_messages (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    app_id text NOT NULL,
    message_key text NOT NULL,
    type text NOT NULL,
    open_id text NOT NULL,
    event_key text,
    raw text NOT NULL,
    deliveries integer NOT NULL DEFAULT 1,
    received_at timestamptz NOT NULL,
    handle_lease_until timestamptz,
    handled_at timestamptz,
    reply text,
    UNIQUE (app_id, message_key)
  )`,

  // One per signature that came: the same once more is a repeat of WeChat's only while the first was not answered.
  `CREATE TABLE account_envelopes (
    envelope_hash text PRIMARY KEY,
    message_id bigint NOT NULL REFERENCES account_messages (id),
    received_at timestamptz NOT NULL,
    answered_at timestamptz
  )`,
  `CREATE INDEX account_envelopes_by_age ON account_envelopes (received_at)`,

  `CREATE TABLE account_credentials (
    app_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('access-token', 'jsapi-ticket')),
    value text,
    expires_at timestamptz,
    refresh_lease_until timestamptz,
    failure text,
    retry_at timestamptz,
    PRIMARY KEY (app_id, kind)
  )`,
]
