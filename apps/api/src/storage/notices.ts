import { sql } from 'kysely'
import type { PaymentNotice, RefundHint, RefundNotice } from 'wxpay-core/protocol'
import type { Tx } from './database.ts'
import type { NoticesTable } from './tables.ts'

export interface ReceivedNotice {
  notice: PaymentNotice | RefundNotice
  paymentId: string | null
  outcome: NoticesTable['outcome']
}

/** @returns how often this message has come, this time included */
export async function insertNotice(tx: Tx, received: ReceivedNotice, at: Date): Promise<number> {
  const { deliveries } = await insertionOfNotice(tx, received, at).returning('deliveries').executeTakeFirstOrThrow()
  return deliveries
}

/**
 * Stores a notice as it arrived. The same message again raises `deliveries`; one that had no payment at first is
 * tied to it when it is known.
 */
export function insertionOfNotice(tx: Tx, { notice, paymentId, outcome }: ReceivedNotice, at: Date) {
  return tx
    .insertInto('notices')
    .values({
      protocol: notice.protocol,
      notice_id: notice.noticeId,
      ...numbersOf(notice),
      payment_id: paymentId,
      outcome,
      raw: notice.raw,
      request_id: notice.requestId ?? null,
      received_at: at,
    })
    .onConflict((conflict) =>
      conflict.columns(['protocol', 'notice_id']).doUpdateSet({
        deliveries: sql`notices.deliveries + 1`,
        payment_id: sql`coalesce(notices.payment_id, excluded.payment_id)`,
        outcome: sql`CASE WHEN notices.outcome = 'unknown-payment' THEN excluded.outcome ELSE notices.outcome END`,
      }),
    )
}

/** Whether this very message has been stored as a hint about a payment of ours. */
export async function wasHint(tx: Tx, { protocol, noticeId }: RefundNotice): Promise<boolean> {
  const row = await tx
    .selectFrom('notices')
    .select('id')
    .where('protocol', '=', protocol)
    .where('notice_id', '=', noticeId)
    .where('outcome', '=', 'hint')
    .executeTakeFirst()
  return row !== undefined
}

function numbersOf(notice: ReceivedNotice['notice']) {
  switch (notice.outcome) {
    case 'paid':
      return { out_trade_no: notice.trade.outTradeNo, transaction_id: notice.trade.transactionId, out_refund_no: null }
    case 'failed':
      return { out_trade_no: notice.outTradeNo, transaction_id: null, out_refund_no: null }
    case 'refund':
      return numbersOfRefund(notice.refund)
    case 'refund-hint':
      return numbersOfRefund(notice)
  }
}

function numbersOfRefund({ outTradeNo, transactionId, outRefundNo }: RefundHint) {
  return { out_trade_no: outTradeNo, transaction_id: transactionId, out_refund_no: outRefundNo }
}
