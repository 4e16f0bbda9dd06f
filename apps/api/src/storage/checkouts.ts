import { CheckoutNotFoundError } from '../domain/errors.ts'
import type { Checkout } from '../domain/order.ts'
import type { Database } from './database.ts'
import type { OrderKey } from './orders.ts'
import { findRefundsOf } from './refunds.ts'
import { orderColumns, paymentColumns, toOrder, toPayment } from './rows.ts'

/** @throws {CheckoutNotFoundError} */
export async function readCheckout(db: Database, key: OrderKey): Promise<Checkout> {
  const checkout = await findCheckout(db, key)
  if (!checkout) throw new CheckoutNotFoundError('no such checkout')
  return checkout
}

/** An order, its payments and their refunds as they are, without a lock and in one snapshot. */
export async function findCheckout(db: Database, key: OrderKey): Promise<Checkout | undefined> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const orders = tx.selectFrom('orders').select(orderColumns)
      const row =
        'token' in key
          ? await orders.where('token', '=', key.token).executeTakeFirst()
          : 'orderId' in key
            ? await orders.where('id', '=', key.orderId).executeTakeFirst()
            : await orders
                .where('id', '=', tx.selectFrom('payments').select('order_id').where('out_trade_no', '=', key.outTradeNo))
                .executeTakeFirst()
      if (!row) return undefined
      const payments = await tx.selectFrom('payments').select(paymentColumns).where('order_id', '=', row.id).orderBy('id').execute()
      const paid = payments.filter(({ status }) => status === 'paid').map(({ id }) => id)
      return { order: toOrder(row), payments: payments.map(toPayment), refunds: await findRefundsOf(tx, paid) }
    })
}
