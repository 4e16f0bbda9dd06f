import { sql } from 'kysely'
import type { Fen } from 'wxpay-core/money'
import type { Order } from '../domain/order.ts'
import type { Database, Tx } from './database.ts'
import { plannedEachTime } from './keepPlans.ts'
import { orderColumns, toOrder } from './rows.ts'
import type { Writes } from './writes.ts'

export interface NewOrder {
  token: string
  orderNo: string
  amountFen: Fen
  description: string
  clientAddress: string
  createdAt: Date
}

export async function insertOrder(tx: Tx, order: NewOrder): Promise<Order> {
  const row = await tx
    .insertInto('orders')
    .values({
      token: order.token,
      order_no: order.orderNo,
      amount_fen: order.amountFen,
      description: order.description,
      client_address: order.clientAddress,
      status: 'unpaid',
      created_at: order.createdAt,
    })
    .returning(orderColumns)
    .executeTakeFirstOrThrow()
  return toOrder(row)
}

/** What names an order: its own token or id, or the number of one of its payments. */
export type OrderKey = { token: string } | { orderId: string } | { outTradeNo: string }

/** Locks the order's row: every command takes this lock before it touches the order's payments (rule R6). */
export async function lockOrder(tx: Tx, key: OrderKey): Promise<Order | undefined> {
  const query = tx.selectFrom('orders').select(orderColumns).forNoKeyUpdate()
  if ('token' in key) return toMaybeOrder(await query.where('token', '=', key.token).executeTakeFirst())
  if ('orderId' in key) return toMaybeOrder(await query.where('id', '=', key.orderId).executeTakeFirst())
  const orderId = tx.selectFrom('payments').select('order_id').where('out_trade_no', '=', key.outTradeNo)
  return toMaybeOrder(await query.where('id', '=', orderId).executeTakeFirst())
}

function toMaybeOrder(row: Parameters<typeof toOrder>[0] | undefined): Order | undefined {
  return row && toOrder(row)
}

/** Writes what changed and raises the version, guarded by the version that was read (rule R11). @returns the order as it is then */
export function updateOrder(writes: Writes, before: Order, after: Order): Order {
  const version = before.version + 1
  const update = writes.tx
    .updateTable('orders')
    .set({
      status: after.status,
      closed_reason: after.closedReason,
      paid_at: after.paidAt,
      recorded_at: after.recordedAt,
      closed_at: after.closedAt,
      version,
    })
    .where('id', '=', before.id)
    .where('version', '=', before.version)
    .returning('id')
  writes.addGuarded(update, `order ${before.id}`)
  return { ...after, version }
}

/** @param at - when the order is to end unless somebody tries to pay it again; null: not before another end is set */
export async function setOrderEnd(tx: Tx, orderId: string, at: Date | null): Promise<void> {
  await tx.updateTable('orders').set({ ends_at: at }).where('id', '=', orderId).execute()
}

/** Takes unpaid orders whose end has come for one caller; each comes again after the lease unless another end is set by then. */
export async function claimOrderEnds(
  db: Database | Tx,
  { now, leaseMs, limit }: { now: Date; leaseMs: number; limit: number },
): Promise<{ orderId: string }[]> {
  const { rows } = await sql<{ id: string }>`
    WITH due AS (
      SELECT id FROM orders WHERE ends_at <= ${now} AND status = 'unpaid' ORDER BY ends_at LIMIT ${limit}
      FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE orders SET ends_at = ${new Date(now.getTime() + leaseMs)} FROM due WHERE orders.id = due.id RETURNING orders.id ${plannedEachTime}
  `.execute(db)
  return rows.map(({ id }) => ({ orderId: id }))
}

/** How many orders an address opened since a moment, and how many of its orders can still be paid. Costs what is open and recent, not what is stored. */
export async function countOrdersOfAddress(db: Database | Tx, address: string, since: Date): Promise<{ recent: number; open: number }> {
  const { recent, open } = await db
    .selectNoFrom(({ selectFrom }) => [
      selectFrom('orders')
        .select(({ fn }) => fn.countAll<string>().as('count'))
        .where('client_address', '=', address)
        .where('created_at', '>', since)
        .as('recent'),
      selectFrom('payments')
        .innerJoin('orders', 'orders.id', 'payments.order_id')
        .select(({ fn }) => fn.countAll<string>().as('count'))
        .where('payments.status', 'in', ['preparing', 'pending', 'closing'])
        .where('orders.status', '=', 'unpaid')
        .where('orders.client_address', '=', address)
        .as('open'),
    ])
    .modifyEnd(plannedEachTime) // one address may have opened most orders, another none
    .executeTakeFirstOrThrow()
  return { recent: Number(recent), open: Number(open) }
}
