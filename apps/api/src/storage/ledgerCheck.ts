import { sql } from 'kysely'
import type { LedgerFigures } from '../domain/ledgerCheck.ts'
import type { Database } from './database.ts'

/** How far a movement may stand from its day in the bills: see domain/billDays.ts. */
export interface BillReach {
  boundaryMs: number
  refundLagMs: number
}

/**
 * Adds up the ledger and what it should agree with, all as of one moment. Reads everything that is stored: for a daily check, not for a
 * request. A payment or a refund should stand in a bill by now, or be a discrepancy, once every day that may have it and the day after are
 * compared: a day whose bill is missing or set aside excuses what happened around it, and nothing else.
 *
 * @param mchId - of payments that name none
 */
export async function readLedgerFigures(db: Database, mchId: string, { boundaryMs, refundLagMs }: BillReach): Promise<LedgerFigures> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const { rows } = await sql<Record<keyof LedgerFigures, string>>`
        WITH unconfirmed AS (
          SELECT 'payment' AS kind, payments.id, mch_id, paid_at AS since, paid_at AS until, total_fen::bigint AS fen FROM payments
          WHERE status = 'paid' AND NOT EXISTS (
            SELECT FROM bill_rows row JOIN bills ON bills.id = row.bill_id AND bills.state = 'reconciled'
            WHERE row.kind = 'payment' AND row.out_trade_no = payments.out_trade_no
              AND row.transaction_id = payments.transaction_id AND row.total_fen = payments.total_fen)
          UNION ALL
          SELECT 'refund', refunds.id, mch_id,
            greatest(CASE origin WHEN 'wechat' THEN paid_at ELSE refunds.created_at END, accepted_at - make_interval(secs => ${refundLagMs / 1000})),
            accepted_at, -refund_fen::bigint
          FROM refunds JOIN payments ON payments.id = payment_id
          WHERE refunds.status IN ('processing', 'success', 'needs-attention') AND NOT EXISTS (
            SELECT FROM bill_rows row JOIN bills ON bills.id = row.bill_id AND bills.state = 'reconciled'
            WHERE row.kind = 'refund' AND row.refund_id = refunds.refund_id AND row.refund_fen = refunds.refund_fen)
        ), dated AS (
          SELECT *, ((since - make_interval(secs => ${boundaryMs / 1000})) AT TIME ZONE 'Asia/Shanghai')::date AS first,
            (until AT TIME ZONE 'Asia/Shanghai')::date + 1 AS last
          FROM unconfirmed
        ), unexplained AS (
          SELECT fen FROM dated WHERE last - first + 1 = (
            SELECT count(*) FROM bills WHERE bills.mch_id = coalesce(dated.mch_id, ${mchId}) AND bills.kind = 'trade'
              AND bills.state IN ('reconciled', 'empty') AND bill_date BETWEEN first AND last
          ) AND NOT EXISTS (
            SELECT FROM discrepancies
            WHERE CASE dated.kind
                WHEN 'payment' THEN payment_id = dated.id AND class IN ('paid-not-billed', 'amount-differs')
                ELSE refund_id = dated.id AND class IN ('refund-not-billed', 'refund-differs')
              END
              -- what both sides have agreed on since explains nothing any more
              AND resolver IS DISTINCT FROM 'reconciliation')
        ), owed AS (
          SELECT order_id, sum(receivable_fen) AS fen FROM ledger_postings WHERE order_id IS NOT NULL
          GROUP BY order_id HAVING sum(receivable_fen) <> 0
        )
        SELECT
          (SELECT coalesce(sum(wechat_clearing_fen), 0) FROM ledger_postings) AS "clearingFen",
          (SELECT coalesce(sum(fen), 0) FROM unconfirmed) AS "unconfirmedFen",
          (SELECT coalesce(sum(abs(fen)), 0) FROM unexplained) AS "unexplainedFen",
          (SELECT coalesce(sum(abs(fen)), 0) FROM owed WHERE NOT EXISTS (
             SELECT FROM payments WHERE payments.order_id = owed.order_id
               AND (anomalies && '{duplicate,paid-after-close,conflict}'::text[]))) AS "unexplainedReceivableFen"
      `.execute(tx)
      const [row] = rows
      if (!row) throw new Error('a sum has no row')
      return {
        clearingFen: Number(row.clearingFen),
        unconfirmedFen: Number(row.unconfirmedFen),
        unexplainedFen: Number(row.unexplainedFen),
        unexplainedReceivableFen: Number(row.unexplainedReceivableFen),
      }
    })
}

/** Bills of trades that were compared, oldest first. */
export async function listComparedBills(db: Database, mchId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('bills')
    .select('id')
    .where('mch_id', '=', mchId)
    .where('kind', '=', 'trade')
    .where('state', '=', 'reconciled')
    .orderBy('bill_date')
    .execute()
  return rows.map(({ id }) => id)
}
