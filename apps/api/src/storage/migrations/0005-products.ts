import { sql, type Kysely } from 'kysely'

/** What is sold by printed codes (Native mode 1), and the prepay id that a scan is answered with. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `CREATE TABLE products (
    id text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,32}$'),
    name text NOT NULL,
    price_fen integer NOT NULL CHECK (price_fen > 0),
    active boolean NOT NULL,
    code_url text,
    short_url text,
    code_signer text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK ((code_url IS NULL) = (code_signer IS NULL) AND (short_url IS NULL OR code_url IS NOT NULL))
  )`,
  `ALTER TABLE payments ADD COLUMN prepay_id text`,
]
