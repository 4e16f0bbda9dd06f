import type { Selectable } from 'kysely'
import { toFen } from 'wxpay-core/money'
import type { RefundRequest } from 'wxpay-core/protocol'
import type { Refund } from '../domain/refund.ts'
import type { Database, Tx } from './database.ts'
import { tieRefundKey } from './idempotencyKeys.ts'
import type { IdempotentRequest } from './savedAnswer.ts'
import type { Writes } from './writes.ts'
import type { RefundsTable } from './tables.ts'

export interface NewRefund {
  refund: Omit<Refund, 'id'>
  /** The exact call; null when it was begun at WeChat. */
  request: RefundRequest | null
  nextSubmitAt: Date | null
  nextQueryAt: Date | null
  /** The request of the shop that it is the answer to. */
  key?: IdempotentRequest | undefined
}

/** Stored before WeChat is called, with the exact request (rule R2), and tied to its key. Only under the order's lock. */
export async function insertRefund(tx: Tx, { refund, request, nextSubmitAt, nextQueryAt, key }: NewRefund): Promise<Refund> {
  const row = await tx
    .insertInto('refunds')
    .values({
      payment_id: refund.paymentId,
      out_refund_no: refund.outRefundNo,
      origin: refund.origin,
      protocol: refund.protocol,
      refund_fen: refund.refundFen,
      reason: refund.reason,
      request: request && JSON.stringify(request),
      created_at: refund.createdAt,
      next_submit_at: nextSubmitAt,
      next_query_at: nextQueryAt,
      ...changing(refund),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  if (key) await tieRefundKey(tx, key, row.id)
  return toRefund(row)
}

/** A refund as it was read and as it is now. */
export interface RefundChange {
  before: Refund
  after: Refund
  /** When WeChat is asked about it next; null: not again. As it stands when left out. */
  nextQueryAt?: Date | null
}

/** Writes a transition, guarded by the status it started from (rule R11). Only under the order's lock. */
export function updateRefund(writes: Writes, { before, after, nextQueryAt }: RefundChange): void {
  const update = writes.tx
    .updateTable('refunds')
    .set({ ...changing(after), ...(nextQueryAt !== undefined && { next_query_at: nextQueryAt }) })
    .where('id', '=', before.id)
    .where('status', '=', before.status)
    .returning('id')
  writes.addGuarded(update, `refund ${before.outRefundNo}`)
}

function changing(refund: Omit<Refund, 'id'>) {
  return {
    status: refund.status,
    waiting_for: refund.waitingFor,
    refund_id: refund.refundId,
    payer_refund_fen: refund.payerRefundFen,
    received_account: refund.receivedAccount,
    refusal: refund.refusal && JSON.stringify(refund.refusal),
    accepted_at: refund.acceptedAt,
    succeeded_at: refund.succeededAt,
    recorded_at: refund.recordedAt,
  }
}

/** Oldest first. Nobody else changes them while the order is locked. */
export async function findRefundsOf(db: Database | Tx, paymentIds: readonly string[]): Promise<Refund[]> {
  if (paymentIds.length === 0) return []
  const rows = await db.selectFrom('refunds').select(refundColumns).where('payment_id', 'in', paymentIds).orderBy('id').execute()
  return rows.map(toRefund)
}

export async function findRefund(db: Database | Tx, outRefundNo: string): Promise<Refund | undefined> {
  const row = await db.selectFrom('refunds').selectAll().where('out_refund_no', '=', outRefundNo).executeTakeFirst()
  return row && toRefund(row)
}

/** By our number and by WeChat's, whichever payment they belong to; more than one when the numbers are of different refunds. */
export async function findReportedRefunds(db: Database | Tx, by: { outRefundNo: string; refundId: string }): Promise<Refund[]> {
  const rows = await db
    .selectFrom('refunds')
    .selectAll()
    .where(({ or, eb }) => or([eb('out_refund_no', '=', by.outRefundNo), eb('refund_id', '=', by.refundId)]))
    .execute()
  return rows.map(toRefund)
}

export async function readRefundById(db: Database | Tx, id: string): Promise<Refund> {
  return toRefund(await db.selectFrom('refunds').selectAll().where('id', '=', id).executeTakeFirstOrThrow())
}

/** By name, as in rows.ts. */
const refundColumns = [
  'id',
  'payment_id',
  'out_refund_no',
  'origin',
  'protocol',
  'refund_fen',
  'reason',
  'status',
  'waiting_for',
  'refund_id',
  'payer_refund_fen',
  'received_account',
  'refusal',
  'created_at',
  'accepted_at',
  'succeeded_at',
  'recorded_at',
] as const satisfies readonly (keyof RefundsTable)[]

export function toRefund(row: Pick<Selectable<RefundsTable>, (typeof refundColumns)[number]>): Refund {
  return {
    id: row.id,
    paymentId: row.payment_id,
    outRefundNo: row.out_refund_no,
    origin: row.origin,
    protocol: row.protocol,
    refundFen: toFen(row.refund_fen),
    reason: row.reason,
    status: row.status,
    waitingFor: row.waiting_for,
    refundId: row.refund_id,
    payerRefundFen: row.payer_refund_fen === null ? null : toFen(row.payer_refund_fen),
    receivedAccount: row.received_account,
    refusal: row.refusal,
    createdAt: row.created_at,
    acceptedAt: row.accepted_at,
    succeededAt: row.succeeded_at,
    recordedAt: row.recorded_at,
  }
}
