import type { AccountMessage } from '../domain/accountMessage.ts'
import type { Database, Tx } from './database.ts'

export interface PushRecord {
  appId: string
  message: AccountMessage
  envelopeHash: string
  now: Date
  leaseMs: number
}

/**
 * `ours`: to be handled. `handled`: it was, with this reply. `busy`: another delivery of it is being handled. `replayed`: its signature
 * came before, for another message or for one that was answered; nothing may be kept of it.
 */
export type RecordedPush = { state: 'ours'; id: string } | { state: 'handled'; reply: string | null } | { state: 'busy' | 'replayed' }

export async function recordPush(tx: Tx, push: PushRecord): Promise<RecordedPush> {
  const { id, isNew, row } = await insertMessage(tx, push)
  if (!(await insertEnvelope(tx, push, id))) return { state: 'replayed' }
  if (!isNew) {
    const deliveries = row.deliveries + 1
    await tx.updateTable('account_messages').set({ deliveries }).where('id', '=', id).execute()
  }
  const isBusy = row.handle_lease_until !== null && row.handle_lease_until > push.now
  if (row.handled_at || isBusy) {
    await markAnswered(tx, push.envelopeHash, push.now) // as soon as this is committed
    return row.handled_at ? { state: 'handled', reply: row.reply } : { state: 'busy' }
  }
  const leaseUntil = new Date(push.now.getTime() + push.leaseMs)
  await tx.updateTable('account_messages').set({ handle_lease_until: leaseUntil }).where('id', '=', id).execute()
  return { state: 'ours', id }
}

async function insertMessage(tx: Tx, { appId, message, now }: PushRecord) {
  const inserted = await tx
    .insertInto('account_messages')
    .values({
      app_id: appId,
      message_key: message.key,
      type: message.type,
      open_id: message.openId,
      event_key: message.eventKey,
      raw: message.raw,
      received_at: now,
    })
    .onConflict((conflict) => conflict.columns(['app_id', 'message_key']).doNothing())
    .returning('id')
    .executeTakeFirst()
  const row = await tx
    .selectFrom('account_messages')
    .select(['id', 'deliveries', 'handle_lease_until', 'handled_at', 'reply'])
    .where('app_id', '=', appId)
    .where('message_key', '=', message.key)
    .forUpdate()
    .executeTakeFirstOrThrow()
  return { id: row.id, isNew: inserted !== undefined, row }
}

/** @returns false for a replay */
async function insertEnvelope(tx: Tx, { envelopeHash, now }: PushRecord, messageId: string): Promise<boolean> {
  const inserted = await tx
    .insertInto('account_envelopes')
    .values({ envelope_hash: envelopeHash, message_id: messageId, received_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning('envelope_hash')
    .executeTakeFirst()
  if (inserted) return true
  const before = await tx
    .selectFrom('account_envelopes')
    .select(['message_id', 'answered_at'])
    .where('envelope_hash', '=', envelopeHash)
    .executeTakeFirstOrThrow()
  return before.message_id === messageId && before.answered_at === null
}

async function markAnswered(tx: Tx, envelopeHash: string, now: Date): Promise<void> {
  await tx.updateTable('account_envelopes').set({ answered_at: now }).where('envelope_hash', '=', envelopeHash).execute()
}

export async function recordReply(
  tx: Tx,
  { id, envelopeHash, reply, now }: { id: string; envelopeHash: string; reply: string | null; now: Date },
): Promise<void> {
  await tx.updateTable('account_messages').set({ reply, handled_at: now }).where('id', '=', id).where('handled_at', 'is', null).execute()
  await markAnswered(tx, envelopeHash, now)
}

/** What came so long ago is stale by itself. */
export async function forgetEnvelopes(db: Database, receivedBefore: Date): Promise<void> {
  await db.deleteFrom('account_envelopes').where('received_at', '<', receivedBefore).execute()
}
