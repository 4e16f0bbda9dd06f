import { sql, type Kysely } from 'kysely'

/** WeChat's own numbers of calls and deliveries (Request-ID): what its support asks for. The older protocol has none. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE wechat_answers ADD COLUMN request_id text`.execute(db)
  await sql`ALTER TABLE notices ADD COLUMN request_id text`.execute(db)
}
