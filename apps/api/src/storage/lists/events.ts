import type { EventRecord, Page } from '../../domain/records.ts'
import type { Database, Tx } from '../database.ts'
import { pageOf, type PageWish } from './page.ts'
import { settledEventId } from './settledEvents.ts'

export interface EventListWish extends PageWish {
  type?: string | undefined
  /** `newest`: from the end of the history back. `oldest`: forward, for who follows along. */
  first: 'newest' | 'oldest'
}

/** Events with the numbers of their order and payment. */
export function eventRows(db: Database | Tx) {
  return db
    .selectFrom('events')
    .leftJoin('orders', 'orders.id', 'events.order_id')
    .leftJoin('payments', 'payments.id', 'events.payment_id')
    .select(['events.id', 'events.type', 'events.source', 'events.data', 'events.at', 'orders.order_no', 'payments.out_trade_no'])
}

type EventRow = Awaited<ReturnType<ReturnType<typeof eventRows>['executeTakeFirstOrThrow']>>

export function toEventRecord({ id, type, source, order_no: orderNo, out_trade_no: outTradeNo, data, at }: EventRow): EventRecord {
  return { id, type, source, orderNo, outTradeNo, data, at }
}

/** Only what is settled: an event that is not here yet has a higher id than every one that is. */
export async function listEvents(db: Database, { type, first, from, limit }: EventListWish): Promise<Page<EventRecord>> {
  const settled = await settledEventId(db)
  const rows = await eventRows(db)
    .where('events.id', '<=', settled)
    .$if(type !== undefined, (events) => events.where('events.type', '=', type ?? ''))
    .$if(from !== null, (events) => events.where('events.id', first === 'newest' ? '<' : '>', from ?? ''))
    .orderBy('events.id', first === 'newest' ? 'desc' : 'asc')
    .limit(limit + 1)
    .execute()
  return pageOf(rows, { limit, keyOf: ({ id }) => id, item: toEventRecord })
}
