import type { Struck } from '../faults/faults.ts'
import type { FaultKind } from '../faults/kinds.ts'
import { spoilCells } from './cellFaults.ts'
import { changeRows, type RowChange } from './rowFaults.ts'
import type { Sheet } from './sheet.ts'
import { belongs, type TradeBillType } from './tradeColumns.ts'
import type { RefundPart, TradeRow } from './tradeRow.ts'

/** Numbers that nobody has given to anything. */
const unknown = { outTradeNo: 'X0000000000000001', transactionId: '4200000000000000000000000001' }
const unknownRefund = { outRefundNo: 'X0000000000000002', refundId: '50300000000000000000000000002' }
const otherMerchant = { mchid: '1900000109', appid: 'wx00000000deadbeef' }

const isPayment = ({ refund }: TradeRow) => refund === null
const isRefund = (row: TradeRow) => !isPayment(row)
const anyRow = () => true

type Change = (by: number) => RowChange<TradeRow>
const changes: Partial<Record<FaultKind, Change>> = {
  'missing-row': () => ({ fits: isPayment, change: () => [] }),
  'missing-refund-row': () => ({ fits: isRefund, change: () => [] }),
  'wrong-amount': (by) => ({
    fits: isPayment,
    change: (row) => [{ ...row, totalFen: row.totalFen + by, settledFen: row.settledFen + by }],
  }),
  'wrong-fee': (by) => ({ fits: isPayment, change: (row) => [{ ...row, feeFen: row.feeFen + by }] }),
  'wrong-refund-amount': (by) => ({ fits: isRefund, change: (row) => [{ ...row, refund: row.refund && addFen(row.refund, by) }] }),
  'other-merchant': () => ({ fits: anyRow, change: (row) => [{ ...row, ...otherMerchant }], all: true }),
}

const addFen = (refund: RefundPart, by: number): RefundPart => ({ ...refund, refundFen: refund.refundFen + by })
const numbers = ({ outTradeNo, refund }: TradeRow) => [outTradeNo, ...(refund ? [refund.outRefundNo] : [])]

/** A trade bill with everything wrong that was ordered. The summary fits what is shown, unless the summary is what is wrong. */
export function spoilTradeSheet(sheet: Sheet<TradeRow>, type: TradeBillType, struck: readonly Struck[]): Sheet<TradeRow> {
  const rows = struck.reduce((before, fault) => () => spoilRows(before(), fault, type), sheet.rows)
  return { ...sheet, rows, spoil: () => spoilCells(struck, { amount: '应结订单金额', columns: sheet.columns }) }
}

function spoilRows(rows: Iterable<TradeRow>, fault: Struck, type: TradeBillType): Iterable<TradeRow> {
  const change = changes[fault.kind]
  if (change) return changeRows(rows, fault, change(fault.by ?? 1), numbers)
  if (fault.kind === 'extra-row') return withExtra(rows, type, (row) => extraPayment(row, fault.by ?? 100))
  if (fault.kind === 'extra-refund-row') return withExtra(rows, type, (row) => extraRefund(row, fault.by ?? 1))
  return rows
}

/** One more at the end, made of the last one; a bill without rows stays as it is. */
function* withExtra(rows: Iterable<TradeRow>, type: TradeBillType, make: (like: TradeRow) => TradeRow): Generator<TradeRow> {
  let last: TradeRow | undefined
  for (const row of rows) {
    yield row
    last = row
  }
  const extra = last && make(last)
  if (extra && belongs(extra, type)) yield extra
}

const extraPayment = (like: TradeRow, fen: number): TradeRow => ({
  ...like,
  ...unknown,
  totalFen: fen,
  settledFen: fen,
  couponFen: 0,
  feeFen: 0,
  refund: null,
})

/** Of a trade that the merchant knows. */
const extraRefund = (like: TradeRow, refundFen: number): TradeRow => ({
  ...like,
  totalFen: 0,
  settledFen: 0,
  couponFen: 0,
  feeFen: 0,
  refund: { ...unknownRefund, refundFen, couponFen: 0, channel: 'ORIGINAL', status: 'SUCCESS', succeededAt: like.at },
})
