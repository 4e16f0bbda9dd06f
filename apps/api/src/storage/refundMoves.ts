import type pg from 'pg'
import type { ClosedRefund } from '../domain/closedRefundFlow.ts'

/** A fund-flow bill whose lines are loaded, beside the trade bill of its day. */
export interface FlowBill {
  billId: string
  mchId: string
  tradeBillId: string
  /** A refund that was known as closed between these is over by the end of the day. */
  closedFrom: Date
  closedBefore: Date
}

/**
 * Keeps what this bill says that refunds have moved, but for those that have succeeded: one that closes on a later day has to give all of it
 * back.
 *
 * @param client - in the transaction that has loaded the flow
 */
export async function keepRefundMoves(client: pg.PoolClient, { billId }: Pick<FlowBill, 'billId'>): Promise<void> {
  await client.query('DELETE FROM refund_moves WHERE bill_id = $1', [billId])
  await client.query(
    `INSERT INTO refund_moves (bill_id, refund_id, milli_fen)
     SELECT $1, f.id, sum(fen) * 1000 FROM flow_lines JOIN refunds f ON f.refund_id = business_no WHERE f.status <> 'success' GROUP BY f.id`,
    [billId],
  )
}

/** Those that moved on this day, that this day's trade bill has, or that have come to their end on it. */
export async function findClosedRefunds(client: pg.PoolClient, bill: FlowBill): Promise<(ClosedRefund & { refundId: string })[]> {
  const { rows } = await client.query<Row>(
    `SELECT f.refund_id, f.refund_fen, f.recorded_at < $5 AS is_over, billed.fee::text AS billed_fee, coalesce(billed.here, false) AS is_of_this_day,
       paid.fee_milli_fen::text AS payment_fee, paid.total_fen AS payment_fen,
       (SELECT sum(milli_fen)::text FROM refund_moves m WHERE m.refund_id = f.id AND m.bill_id <> $1) AS moved_before,
       coalesce((SELECT milli_fen FROM refund_moves m WHERE m.refund_id = f.id AND m.bill_id = $1), 0)::text AS moved
     FROM refunds f JOIN payments p ON p.id = f.payment_id
     LEFT JOIN LATERAL (
       SELECT fee_milli_fen AS fee, bill_id = $2 AS here FROM bill_rows r WHERE r.refund_id = f.refund_id ORDER BY bill_id = $2 DESC LIMIT 1
     ) AS billed ON true
     LEFT JOIN LATERAL (
       SELECT fee_milli_fen, total_fen FROM bill_rows r WHERE r.out_trade_no = p.out_trade_no AND r.kind = 'payment' LIMIT 1
     ) AS paid ON true
     WHERE f.status = 'closed' AND coalesce(p.mch_id, $3) = $3 AND (
       f.recorded_at >= $4 AND f.recorded_at < $5 OR billed.here OR EXISTS (SELECT FROM refund_moves m WHERE m.refund_id = f.id AND m.bill_id = $1)
     )`,
    [bill.billId, bill.tradeBillId, bill.mchId, bill.closedFrom, bill.closedBefore],
  )
  return rows.map(toClosedRefund)
}

/** bigints are text. */
interface Row {
  refund_id: string
  refund_fen: number
  is_over: boolean
  billed_fee: string | null
  is_of_this_day: boolean
  payment_fee: string | null
  payment_fen: number | null
  moved_before: string | null
  moved: string
}

function toClosedRefund(row: Row): ClosedRefund & { refundId: string } {
  return {
    refundId: row.refund_id,
    refundFen: row.refund_fen,
    billedFeeMilliFen: numberOrNull(row.billed_fee),
    payment: row.payment_fen === null ? null : { totalFen: row.payment_fen, feeMilliFen: Number(row.payment_fee) },
    isOfThisDay: row.is_of_this_day,
    isOver: row.is_over,
    movedBeforeMilliFen: numberOrNull(row.moved_before),
    movedMilliFen: Number(row.moved),
  }
}

const numberOrNull = (text: string | null): number | null => (text === null ? null : Number(text))
