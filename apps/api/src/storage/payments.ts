import { sql } from 'kysely'
import { toFen } from 'wxpay-core/money'
import type { PrepayRequest } from 'wxpay-core/protocol'
import type { Payment } from '../domain/payment.ts'
import type { Database, Tx } from './database.ts'
import { paymentColumns, toPayment } from './rows.ts'
import type { Writes } from './writes.ts'

export interface NewPayment {
  orderId: string
  protocol: string
  mchId: string
  request: PrepayRequest
  createdAt: Date
  /** When a job repeats the create if it is still not known how it went. */
  nextPrepareAt: Date
}

/** Stored before WeChat is called, with the exact request (rule R2). */
export async function insertPayment(tx: Tx, { orderId, protocol, mchId, request, createdAt, nextPrepareAt }: NewPayment): Promise<Payment> {
  const row = await tx
    .insertInto('payments')
    .values({
      order_id: orderId,
      out_trade_no: request.outTradeNo,
      protocol,
      mch_id: mchId,
      trade_type: request.tradeType,
      total_fen: request.totalFen,
      request: JSON.stringify(request),
      status: 'preparing',
      created_at: createdAt,
      expires_at: request.expiresAt,
      next_prepare_at: nextPrepareAt,
    })
    .returning(paymentColumns)
    .executeTakeFirstOrThrow()
  return toPayment(row)
}

/** Only under the order's lock. Oldest first. */
export async function lockPaymentsOf(tx: Tx, orderId: string): Promise<Payment[]> {
  const rows = await tx
    .selectFrom('payments')
    .select(paymentColumns)
    .where('order_id', '=', orderId)
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
  return rows.map(toPayment)
}

/** Writes a transition, guarded by the status it started from (rule R11). */
export function updatePayment(writes: Writes, before: Payment, after: Payment): void {
  const update = writes.tx
    .updateTable('payments')
    .set({
      status: after.status,
      anomalies: after.anomalies,
      action: after.action && JSON.stringify(after.action),
      prepay_id: after.prepayId,
      code_expires_at: after.codeExpiresAt,
      close_reason: after.closeReason,
      closed_at: after.closedAt,
      refusal: after.refusal && JSON.stringify(after.refusal),
      confirming_since: after.confirmingSince,
      transaction_id: after.transactionId,
      payer_fen: after.payerFen,
      open_id: after.openId,
      paid_at: after.paidAt,
      recorded_at: after.recordedAt,
      reserved_refund_fen: after.reservedRefundFen,
    })
    .where('id', '=', before.id)
    .where('status', '=', before.status)
    .returning('id')
  writes.addGuarded(update, `payment ${before.outTradeNo}`)
}

export async function findPayment(db: Database | Tx, outTradeNo: string): Promise<Payment | undefined> {
  const row = await db.selectFrom('payments').select(paymentColumns).where('out_trade_no', '=', outTradeNo).executeTakeFirst()
  return row && toPayment(row)
}

export async function findPaymentById(db: Database | Tx, id: string): Promise<Payment | undefined> {
  const row = await db.selectFrom('payments').select(paymentColumns).where('id', '=', id).executeTakeFirst()
  return row && toPayment(row)
}

/** Open attempts by the protocol that they were made with. */
export async function countOpenPayments(db: Database): Promise<{ protocol: string; count: number }[]> {
  return db
    .selectFrom('payments')
    .select(['protocol', sql<number>`count(*)::int`.as('count')])
    .where('status', 'in', ['preparing', 'pending', 'closing'])
    .groupBy('protocol')
    .orderBy('protocol')
    .execute()
}

/** The payment that a number means: its own, WeChat's of it, that of a refund of it, or that of its order (then the latest payment). */
export async function findPaymentNumber(db: Database, number: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('payments')
    .innerJoin('orders', 'orders.id', 'payments.order_id')
    .select('out_trade_no')
    .where(({ or, eb, selectFrom }) =>
      or([
        eb('out_trade_no', '=', number),
        eb('transaction_id', '=', number),
        eb('order_no', '=', number),
        eb('payments.id', 'in', selectFrom('refunds').select('payment_id').where('out_refund_no', '=', number)),
      ]),
    )
    .orderBy('payments.id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.out_trade_no
}

/**
 * Takes the create of a payment for one caller, so that it is sent once at a time (rule R2).
 *
 * @returns the exact request to send, or undefined when somebody else has it or nothing is left to create
 */
export async function claimPrepare(
  db: Database,
  outTradeNo: string,
  { now, leaseMs }: { now: Date; leaseMs: number },
): Promise<PrepayRequest | undefined> {
  const row = await db
    .updateTable('payments')
    .set({
      prepare_lease_until: new Date(now.getTime() + leaseMs),
      prepare_started_at: now,
      prepare_tries: sql`prepare_tries + 1`,
    })
    .where('out_trade_no', '=', outTradeNo)
    .where('status', '=', 'preparing')
    .where(({ or, eb }) => or([eb('prepare_lease_until', 'is', null), eb('prepare_lease_until', '<=', now)]))
    .returning('request')
    .executeTakeFirst()
  if (!row) return undefined
  const { request } = row
  return { ...request, totalFen: toFen(request.totalFen), expiresAt: new Date(request.expiresAt) }
}

/** Lets the create be tried again at once. */
export async function releasePrepare(db: Database | Tx, outTradeNo: string): Promise<void> {
  await db
    .updateTable('payments')
    .set({ prepare_lease_until: null })
    .where('out_trade_no', '=', outTradeNo)
    .where('status', '=', 'preparing')
    .execute()
}

/** When the last create was sent and how many were; a create may still land at WeChat for a while after it was sent. */
export async function readPrepareTries(db: Database | Tx, outTradeNo: string): Promise<{ startedAt: Date | null; tries: number }> {
  const row = await db
    .selectFrom('payments')
    .select(['prepare_started_at', 'prepare_tries'])
    .where('out_trade_no', '=', outTradeNo)
    .executeTakeFirstOrThrow()
  return { startedAt: row.prepare_started_at, tries: row.prepare_tries }
}
