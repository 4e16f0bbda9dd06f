import type { RefundStatus } from '../../domain/refund.ts'
import { RefundNotFoundError } from '../../domain/refundErrors.ts'
import type { Page, RefundRecord } from '../../domain/records.ts'
import type { Database, Tx } from '../database.ts'
import { toRefund } from '../refunds.ts'
import { pageOf, type PageWish } from './page.ts'

export interface RefundListWish extends PageWish {
  status?: RefundStatus | undefined
  /** Of the payment. */
  outTradeNo?: string | undefined
}

/** Refunds with the numbers of their payment and order. */
export function refundRows(db: Database | Tx) {
  return db
    .selectFrom('refunds')
    .innerJoin('payments', 'payments.id', 'refunds.payment_id')
    .innerJoin('orders', 'orders.id', 'payments.order_id')
    .selectAll('refunds')
    .select(['payments.out_trade_no', 'orders.order_no'])
}

type RefundRow = Awaited<ReturnType<ReturnType<typeof refundRows>['executeTakeFirstOrThrow']>>

export function toRefundRecord(row: RefundRow): RefundRecord {
  return { refund: toRefund(row), outTradeNo: row.out_trade_no, orderNo: row.order_no }
}

/** Newest first. */
export async function listRefunds(db: Database, { status, outTradeNo, from, limit }: RefundListWish): Promise<Page<RefundRecord>> {
  const rows = await refundRows(db)
    .$if(status !== undefined, (refunds) => refunds.where('refunds.status', '=', status ?? 'submitting'))
    .$if(outTradeNo !== undefined, (refunds) => refunds.where('payments.out_trade_no', '=', outTradeNo ?? ''))
    .$if(from !== null, (refunds) => refunds.where('refunds.id', '<', from ?? ''))
    .orderBy('refunds.id', 'desc')
    .limit(limit + 1)
    .execute()
  return pageOf(rows, { limit, keyOf: ({ id }) => id, item: toRefundRecord })
}

/** @throws {RefundNotFoundError} */
export async function readRefundRecord(db: Database, outRefundNo: string): Promise<RefundRecord> {
  const row = await refundRows(db).where('refunds.out_refund_no', '=', outRefundNo).executeTakeFirst()
  if (!row) throw new RefundNotFoundError(`no refund ${outRefundNo}`)
  return toRefundRecord(row)
}
