import { sql, type RawBuilder } from 'kysely'
import type { PaymentStatus } from '../domain/payment.ts'
import type { RefundOrigin, RefundStatus } from '../domain/refund.ts'
import type { Tx } from './database.ts'

/** How many are in memory at a time: all rows of a bill may differ. */
const batchRows = 500

/** Runs a query once and hands out its rows in batches; what is written meanwhile does not change them. */
async function* batches<Row>(tx: Tx, query: RawBuilder<unknown>): AsyncGenerator<Row[]> {
  // All rows are read: a plan that finds the first ones soon is of no use.
  await sql`SET LOCAL cursor_tuple_fraction = 1`.execute(tx)
  await sql`DECLARE found NO SCROLL CURSOR FOR ${query}`.execute(tx)
  for (;;) {
    const { rows } = await sql<Row>`FETCH ${sql.raw(String(batchRows))} FROM found`.execute(tx)
    if (rows.length === 0) break
    yield rows
  }
  await sql`CLOSE found`.execute(tx)
}

/** A row of a bill with the payment of that number, if there is one. */
export interface PaymentPair {
  out_trade_no: string
  transaction_id: string
  total_fen: number
  payment_id: string | null
  order_id: string | null
  status: PaymentStatus | null
  our_transaction_id: string | null
  our_total_fen: number | null
}

const paymentPairs = (mchId: string) => sql`
  SELECT r.out_trade_no, r.transaction_id, r.total_fen, p.id AS payment_id, p.order_id, p.status,
    p.transaction_id AS our_transaction_id, p.total_fen AS our_total_fen
  FROM bill_rows r
  LEFT JOIN payments p ON p.out_trade_no = r.out_trade_no AND (p.mch_id = ${mchId} OR p.mch_id IS NULL)
  WHERE r.kind = 'payment'`

/** Where both sides are not equal; what that means, domain/reconcile.ts says. */
const paymentDiffers = sql<boolean>`(p.id IS NULL OR p.status <> 'paid' OR p.total_fen <> r.total_fen
  OR p.transaction_id IS DISTINCT FROM r.transaction_id)`

export function differingPayments(tx: Tx, { billId, mchId }: { billId: string; mchId: string }): AsyncGenerator<PaymentPair[]> {
  return batches(tx, sql`${paymentPairs(mchId)} AND r.bill_id = ${billId} AND ${paymentDiffers}`)
}

/** Of several rows with this number one that differs: only when none does, both sides agree. */
export async function findPaymentPair(
  tx: Tx,
  { billId, mchId, outTradeNo }: { billId: string; mchId: string; outTradeNo: string },
): Promise<PaymentPair | undefined> {
  const query = sql<PaymentPair>`${paymentPairs(mchId)} AND r.bill_id = ${billId} AND r.out_trade_no = ${outTradeNo}
    ORDER BY ${paymentDiffers} DESC LIMIT 1`
  return (await query.execute(tx)).rows[0]
}

/** A row of a bill with the refund of WeChat's number, or else of ours. */
export interface RefundPair {
  out_trade_no: string
  transaction_id: string
  out_refund_no: string
  refund_id: string
  refund_fen: number
  /** Of the payment that the row names. */
  payment_id: string | null
  order_id: string | null
  our_id: string | null
  status: RefundStatus | null
  our_refund_id: string | null
  our_refund_fen: number | null
  our_out_trade_no: string | null
}

const refundPairs = (mchId: string) => sql`
  SELECT r.out_trade_no, r.transaction_id, r.out_refund_no, r.refund_id, r.refund_fen, q.id AS payment_id, q.order_id,
    f.id AS our_id, f.status, f.refund_id AS our_refund_id, f.refund_fen AS our_refund_fen, p.out_trade_no AS our_out_trade_no
  FROM bill_rows r
  LEFT JOIN payments q ON q.out_trade_no = r.out_trade_no AND (q.mch_id = ${mchId} OR q.mch_id IS NULL)
  LEFT JOIN refunds by_id ON by_id.refund_id = r.refund_id
  LEFT JOIN refunds by_no ON by_no.out_refund_no = r.out_refund_no
  LEFT JOIN refunds f ON f.id = coalesce(by_id.id, by_no.id)
  LEFT JOIN payments p ON p.id = f.payment_id
  WHERE r.kind = 'refund'`

const refundDiffers = sql<boolean>`(f.id IS NULL OR f.status IN ('submitting', 'refused')
  OR f.refund_fen <> r.refund_fen OR f.refund_id IS DISTINCT FROM r.refund_id OR p.out_trade_no <> r.out_trade_no)`

export function differingRefunds(tx: Tx, { billId, mchId }: { billId: string; mchId: string }): AsyncGenerator<RefundPair[]> {
  return batches(tx, sql`${refundPairs(mchId)} AND r.bill_id = ${billId} AND ${refundDiffers}`)
}

/** As findPaymentPair. */
export async function findRefundPair(
  tx: Tx,
  { billId, mchId, refundId }: { billId: string; mchId: string; refundId: string },
): Promise<RefundPair | undefined> {
  const query = sql<RefundPair>`${refundPairs(mchId)} AND r.bill_id = ${billId} AND r.refund_id = ${refundId}
    ORDER BY ${refundDiffers} DESC LIMIT 1`
  return (await query.execute(tx)).rows[0]
}

export interface FeeRow {
  kind: 'payment' | 'refund'
  out_trade_no: string
  transaction_id: string
  out_refund_no: string | null
  refund_id: string | null
  amount_fen: number
  fee_milli_fen: string
  rate_ppm: number | null
  payment_id: string | null
  order_id: string | null
}

/** Fees that a rule of the domain has to look at: the words are those of judgeFee. */
export function suspiciousFees(
  tx: Tx,
  { billId, mchId, toleranceMilliFen }: { billId: string; mchId: string; toleranceMilliFen: number },
): AsyncGenerator<FeeRow[]> {
  const amount = sql`CASE r.kind WHEN 'payment' THEN r.total_fen ELSE r.refund_fen END`
  const exact = sql`(CASE r.kind WHEN 'payment' THEN r.total_fen ELSE -r.refund_fen END)::bigint * r.rate_ppm`
  return batches(
    tx,
    sql`SELECT r.kind, r.out_trade_no, r.transaction_id, r.out_refund_no, r.refund_id, ${amount} AS amount_fen, r.fee_milli_fen, r.rate_ppm,
        p.id AS payment_id, p.order_id
      FROM bill_rows r
      LEFT JOIN payments p ON p.out_trade_no = r.out_trade_no AND (p.mch_id = ${mchId} OR p.mch_id IS NULL)
      WHERE r.bill_id = ${billId}
        AND (r.fee_milli_fen % 1000 <> 0 OR abs(r.fee_milli_fen * 1000 - ${exact}) > ${toleranceMilliFen * 1000}::bigint)`,
  )
}

/** Ours of a stretch of time that no bill near them has. */
export interface UnbilledPayment {
  payment_id: string
  order_id: string
  out_trade_no: string
  transaction_id: string
  total_fen: number
  paid_at: Date
}

export function unbilledPayments(
  tx: Tx,
  { mchId, from, to, billIds }: { mchId: string; from: Date; to: Date; billIds: readonly string[] },
): AsyncGenerator<UnbilledPayment[]> {
  return batches(
    tx,
    sql`SELECT p.id AS payment_id, p.order_id, p.out_trade_no, p.transaction_id, p.total_fen, p.paid_at
      FROM payments p
      WHERE p.status = 'paid' AND p.paid_at >= ${from} AND p.paid_at < ${to} AND (p.mch_id = ${mchId} OR p.mch_id IS NULL)
        AND NOT EXISTS (
          SELECT FROM bill_rows r WHERE r.out_trade_no = p.out_trade_no AND r.kind = 'payment' AND r.bill_id = ANY(${[...billIds]}::bigint[]))`,
  )
}

export interface UnbilledRefund {
  refund_id: string
  payment_id: string
  order_id: string
  out_trade_no: string
  transaction_id: string | null
  out_refund_no: string
  refund_fen: number
  origin: RefundOrigin
  created_at: Date
  accepted_at: Date
  paid_at: Date
}

/** @param lagMs - how long before we heard of it WeChat may have accepted one */
export function unbilledRefunds(
  tx: Tx,
  { mchId, from, to, lagMs }: { mchId: string; from: Date; to: Date; lagMs: number },
): AsyncGenerator<UnbilledRefund[]> {
  const begins = sql`greatest(CASE f.origin WHEN 'wechat' THEN p.paid_at ELSE f.created_at END,
    f.accepted_at - make_interval(secs => ${lagMs / 1000}))`
  return batches(
    tx,
    sql`SELECT f.id AS refund_id, p.id AS payment_id, p.order_id, p.out_trade_no, p.transaction_id, f.out_refund_no, f.refund_fen, f.origin,
        f.created_at, f.accepted_at, p.paid_at
      FROM refunds f JOIN payments p ON p.id = f.payment_id
      WHERE f.status NOT IN ('submitting', 'refused') AND f.accepted_at >= ${from} AND ${begins} < ${to}
        AND (p.mch_id = ${mchId} OR p.mch_id IS NULL)
        AND NOT EXISTS (
          SELECT FROM bill_rows r JOIN bills b ON b.id = r.bill_id WHERE r.refund_id = f.refund_id AND b.mch_id = ${mchId})`,
  )
}

/** Which bill has a payment, or a refund (by WeChat's number). @returns the Beijing day, undefined when none has it */
export async function findBilledDay(
  tx: Tx,
  { mchId, ...by }: { mchId: string } & ({ outTradeNo: string } | { ourRefundId: string }),
): Promise<string | undefined> {
  const isOfIt =
    'outTradeNo' in by
      ? sql`r.out_trade_no = ${by.outTradeNo} AND r.kind = 'payment'`
      : sql`r.refund_id = (SELECT refund_id FROM refunds WHERE id = ${by.ourRefundId})`
  const { rows } = await sql<{ bill_date: string }>`
    SELECT b.bill_date FROM bill_rows r JOIN bills b ON b.id = r.bill_id
    WHERE ${isOfIt} AND b.mch_id = ${mchId} AND b.reconciled_at IS NOT NULL LIMIT 1
  `.execute(tx)
  return rows[0]?.bill_date
}

/** One comparison of a merchant's bills at a time: what stands near midnight is judged by who compares the second of its days. */
export async function lockComparison(tx: Tx, mchId: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`compare bills of ${mchId}`}, 0))`.execute(tx)
}
