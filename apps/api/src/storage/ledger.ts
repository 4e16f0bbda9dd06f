import type { Posting } from '../domain/ledger.ts'
import type { Tx } from './database.ts'

/** Which order, or which bill, moved the money. */
export type PostedFor = { orderId: string } | { billId: string }

/** Appends postings; a key that is there already is a fault of ours and ends the transaction. */
export async function insertPostings(tx: Tx, about: PostedFor, postings: readonly Posting[], at: Date): Promise<void> {
  if (postings.length > 0) await insertionOfPostings(tx, about, postings, at).execute()
}

/** @param postings - one at least */
export function insertionOfPostings(tx: Tx, about: PostedFor, postings: readonly Posting[], at: Date) {
  return tx.insertInto('ledger_postings').values(
    postings.map(({ key, kind, paymentId, refundId, entries }) => ({
      key,
      kind,
      order_id: 'orderId' in about ? about.orderId : null,
      bill_id: 'billId' in about ? about.billId : null,
      payment_id: paymentId,
      refund_id: refundId,
      ...columnsOf(entries),
      at,
    })),
  )
}

function columnsOf(entries: Posting['entries']) {
  const sum = (account: Posting['entries'][number]['account']) =>
    entries.filter((entry) => entry.account === account).reduce((total, { amountFen }) => total + amountFen, 0)
  return {
    receivable_fen: sum('receivable'),
    sales_fen: sum('sales'),
    refunds_fen: sum('refunds'),
    fees_fen: sum('fees'),
    wechat_clearing_fen: sum('wechat_clearing'),
    wechat_balance_fen: sum('wechat_balance'),
  }
}
