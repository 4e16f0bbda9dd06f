import { sql } from 'kysely'
import type { LedgerFigures } from '../domain/ledgerCheck.ts'
import type { Database } from './database.ts'

/**
 * Adds up the ledger and what it should agree with, all as of one moment. Reads everything that is stored: for a daily check, not for a
 * request.
 *
 * @param compared - payments and refunds of this time should stand in a bill by now, or be a discrepancy; null: no bill was compared yet
 */
export async function readLedgerFigures(db: Database, compared: { from: Date; to: Date } | null): Promise<LedgerFigures> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const { rows } = await sql<Record<keyof LedgerFigures, string>>`
        WITH unconfirmed AS (
          SELECT 'payment' AS kind, payments.id, payments.paid_at AS at, total_fen::bigint AS fen FROM payments
          WHERE status = 'paid' AND NOT EXISTS (
            SELECT FROM bill_rows row JOIN bills ON bills.id = row.bill_id AND bills.state = 'reconciled'
            WHERE row.kind = 'payment' AND row.out_trade_no = payments.out_trade_no
              AND row.transaction_id = payments.transaction_id AND row.total_fen = payments.total_fen)
          UNION ALL
          SELECT 'refund', refunds.id, refunds.accepted_at, -refund_fen::bigint FROM refunds
          WHERE status IN ('processing', 'success', 'needs-attention') AND NOT EXISTS (
            SELECT FROM bill_rows row JOIN bills ON bills.id = row.bill_id AND bills.state = 'reconciled'
            WHERE row.kind = 'refund' AND row.refund_id = refunds.refund_id AND row.refund_fen = refunds.refund_fen)
        ), unexplained AS (
          SELECT fen FROM unconfirmed WHERE at >= ${compared?.from ?? null}::timestamptz AND at < ${compared?.to ?? null}::timestamptz AND NOT EXISTS (
            SELECT FROM discrepancies WHERE CASE kind WHEN 'payment' THEN payment_id = unconfirmed.id ELSE refund_id = unconfirmed.id END)
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

/** The first Beijing day whose bill was asked for, and the last one up to which every day's bill was compared or empty; null before there are both. */
export async function findComparedDays(db: Database, mchId: string): Promise<{ first: string; last: string } | null> {
  const { rows } = await sql<{ first: string | null; last: string | null }>`
    WITH days AS (
      SELECT bill_date, state FROM bills WHERE mch_id = ${mchId} AND kind = 'trade'
    ), first_open AS (
      SELECT min(bill_date) AS day FROM days WHERE state NOT IN ('reconciled', 'empty')
    )
    SELECT min(bill_date)::text AS first, max(bill_date)::text AS last FROM days, first_open
    WHERE first_open.day IS NULL OR bill_date < first_open.day
  `.execute(db)
  const [row] = rows
  return row && row.first !== null && row.last !== null ? { first: row.first, last: row.last } : null
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
