import { payerSessionMs, type Payer } from '../domain/payer.ts'
import { hashOf, newSecret } from '../support/secrets.ts'
import type { Database, Tx } from './database.ts'

/** @returns the only copy of the token: its hash is what is stored */
export async function openPayerSession(db: Database | Tx, { appId, openId, source }: Payer, now: Date): Promise<string> {
  const token = newSecret()
  await db
    .insertInto('payer_sessions')
    .values({
      token_hash: hashOf(token),
      source,
      app_id: appId,
      open_id: openId,
      created_at: now,
      expires_at: new Date(now.getTime() + payerSessionMs),
    })
    .execute()
  return token
}

/** Who has the token, if it is one of this source and appid and not over. */
export async function findPayerSession(
  db: Database,
  token: string,
  { source, appId, now }: Pick<Payer, 'source' | 'appId'> & { now: Date },
): Promise<Payer | null> {
  const row = await db
    .selectFrom('payer_sessions')
    .select('open_id')
    .where('token_hash', '=', hashOf(token))
    .where('source', '=', source)
    .where('app_id', '=', appId)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return row ? { appId, openId: row.open_id, source } : null
}

export async function forgetPayerSessions(db: Database, endedBefore: Date): Promise<void> {
  await db.deleteFrom('payer_sessions').where('expires_at', '<', endedBefore).execute()
}
