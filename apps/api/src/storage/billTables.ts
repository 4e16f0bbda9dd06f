import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { BillKind, BillProblem, BillState } from '../domain/bill.ts'
import type { DiscrepancyClass } from '../domain/reconcile.ts'
import type { Fixed, Identity } from './columns.ts'

export interface BillsTable {
  id: Identity
  mch_id: Fixed<string>
  kind: Fixed<BillKind>
  /** A Beijing day, yyyy-MM-dd. */
  bill_date: Fixed<string>
  state: BillState
  requested_by: 'clock' | 'operator'
  created_at: Fixed<Date>
  next_try_at: Date | null
  tries: Generated<number>
  problem: JSONColumnType<BillProblem> | null
  sha1: string | null
  /** A bigint: text in JavaScript. */
  plain_bytes: string | null
  row_count: number | null
  totals: JSONColumnType<Record<string, number>> | null
  stored_at: Date | null
  reconciled_at: Date | null
}

export interface BillPiecesTable {
  bill_id: Fixed<string>
  number: Fixed<number>
  gzip: Fixed<Buffer>
}

export interface BillRowsTable {
  bill_id: Fixed<string>
  line: Fixed<number>
  kind: Fixed<'payment' | 'refund'>
  at: Fixed<Date>
  out_trade_no: Fixed<string>
  transaction_id: Fixed<string>
  total_fen: Fixed<number>
  out_refund_no: Fixed<string | null>
  refund_id: Fixed<string | null>
  refund_fen: Fixed<number | null>
  /** Thousandths of a fen. A bigint: text in JavaScript. */
  fee_milli_fen: Fixed<string>
  /** Of the fee, in millionths: 0.60% is 6000. null where the bill names none. */
  rate_ppm: Fixed<number | null>
}

export interface DiscrepanciesTable {
  id: Identity
  bill_id: Fixed<string>
  class: Fixed<DiscrepancyClass>
  /** What it is about, unique within its bill and class. */
  number: Fixed<string>
  payment_id: Fixed<string | null>
  refund_id: Fixed<string | null>
  out_trade_no: Fixed<string | null>
  out_refund_no: Fixed<string | null>
  transaction_id: Fixed<string | null>
  /** Bigints, because a day's sum can be one: text in JavaScript. */
  ours_fen: ColumnType<string | null, number | null, never>
  theirs_fen: ColumnType<string | null, number | null, never>
  detail: Fixed<string>
  state: 'open' | 'resolved'
  opened_at: Fixed<Date>
  resolved_at: Date | null
  resolver: string | null
  reason: string | null
  next_judge_at: Date | null
}
