import { sql } from 'kysely'
import type { EventSource } from './tables.ts'
import type { Tx } from './database.ts'

/** A line of an order's history. `data` holds facts worth keeping, no secrets. */
export interface NewEvent {
  type: string
  source: EventSource
  paymentId?: string
  data?: Record<string, unknown>
}

export async function insertEvents(tx: Tx, orderId: string | null, events: readonly NewEvent[], at: Date): Promise<void> {
  if (events.length > 0) await insertionOfEvents(tx, orderId, events, at).execute()
}

/** @param events - one at least */
export function insertionOfEvents(tx: Tx, orderId: string | null, events: readonly NewEvent[], at: Date) {
  return tx.insertInto('events').values(
    events.map(({ type, source, paymentId, data }) => ({
      order_id: orderId,
      payment_id: paymentId ?? null,
      type,
      source,
      data: JSON.stringify(data ?? {}),
      at,
    })),
  )
}

/** Whether an order's history has such a line about a refund. */
export async function hasRefundEvent(
  tx: Tx,
  { orderId, type, outRefundNo }: { orderId: string; type: string; outRefundNo: string },
): Promise<boolean> {
  const row = await tx
    .selectFrom('events')
    .select('id')
    .where('order_id', '=', orderId)
    .where('type', '=', type)
    .where(sql<string>`data->>'outRefundNo'`, '=', outRefundNo)
    .executeTakeFirst()
  return row !== undefined
}
