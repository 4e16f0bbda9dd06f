import { sql } from 'kysely'
import type { Confirmed } from '../domain/ledger.ts'
import type { Tx } from './database.ts'

/** Only one caller confirms a bill at a time. @returns false when there is no such bill of trades that was compared */
export async function lockComparedBill(tx: Tx, billId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('bills')
    .select('id')
    .where('id', '=', billId)
    .where('kind', '=', 'trade')
    .where('state', '=', 'reconciled')
    .forNoKeyUpdate()
    .executeTakeFirst()
  return row !== undefined
}

/**
 * What a bill and our books agree on: rows whose payment or refund is ours, in a state that fits, with the same numbers and amount. A row that
 * agrees in an earlier bill too, or twice in this one, counts once.
 */
export async function sumConfirmed(tx: Tx, billId: string): Promise<Confirmed> {
  const { rows } = await sql<{ net_fen: string; fee_milli_fen: string }>`
    WITH agreed AS (
      SELECT row.total_fen AS fen, row.fee_milli_fen
      FROM bill_rows row JOIN payments ON payments.out_trade_no = row.out_trade_no
      WHERE row.bill_id = ${billId} AND row.kind = 'payment' AND payments.status = 'paid'
        AND payments.transaction_id = row.transaction_id AND payments.total_fen = row.total_fen
        AND NOT EXISTS (
          SELECT FROM bill_rows other JOIN bills ON bills.id = other.bill_id AND bills.state = 'reconciled'
          WHERE other.out_trade_no = row.out_trade_no AND other.kind = 'payment' AND other.transaction_id = row.transaction_id
            AND other.total_fen = row.total_fen AND (other.bill_id, other.line) < (row.bill_id, row.line))
      UNION ALL
      SELECT -row.refund_fen, row.fee_milli_fen
      FROM bill_rows row JOIN refunds ON refunds.refund_id = row.refund_id
      WHERE row.bill_id = ${billId} AND row.kind = 'refund' AND refunds.status IN ('processing', 'success', 'needs-attention')
        AND refunds.refund_fen = row.refund_fen
        AND NOT EXISTS (
          SELECT FROM bill_rows other JOIN bills ON bills.id = other.bill_id AND bills.state = 'reconciled'
          WHERE other.refund_id = row.refund_id AND other.refund_fen = row.refund_fen
            AND (other.bill_id, other.line) < (row.bill_id, row.line))
    )
    SELECT coalesce(sum(fen), 0) AS net_fen, coalesce(sum(fee_milli_fen), 0) AS fee_milli_fen
    FROM agreed
  `.execute(tx)
  const [sums] = rows
  if (!sums) throw new Error('a sum has no row')
  return { netFen: Number(sums.net_fen), feesFen: Math.round(Number(sums.fee_milli_fen) / 1000) }
}

/** What a bill has confirmed so far, and in how many postings. */
export async function readConfirmed(tx: Tx, billId: string): Promise<Confirmed & { postings: number }> {
  const row = await tx
    .selectFrom('ledger_postings')
    .select(({ fn }) => [
      fn.coalesce(fn.sum<string>('wechat_clearing_fen'), sql<string>`0`).as('clearing'),
      fn.coalesce(fn.sum<string>('fees_fen'), sql<string>`0`).as('fees'),
      fn.countAll<string>().as('postings'),
    ])
    .where('bill_id', '=', billId)
    .executeTakeFirstOrThrow()
  return { netFen: -Number(row.clearing) + 0, feesFen: Number(row.fees), postings: Number(row.postings) }
}
