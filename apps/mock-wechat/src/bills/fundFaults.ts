import type { Struck } from '../faults/faults.ts'
import type { FaultKind } from '../faults/kinds.ts'
import { spoilCells } from './cellFaults.ts'
import type { FundRow } from './fundSheet.ts'
import { changeRows, type RowChange } from './rowFaults.ts'
import type { Sheet } from './sheet.ts'

const unknown = { voucherNo: 'X0000000000000001', businessNo: '4200000000000000000000000001', flowNo: '4200000000000000000000000001' }

const changes: Partial<Record<FaultKind, (by: number) => RowChange<FundRow>>> = {
  'missing-row': () => ({ fits: () => true, change: () => [] }),
  'wrong-amount': (by) => ({ fits: () => true, change: (row) => [{ ...row, fen: row.fen + by }] }),
  'wrong-fee': (by) => ({ fits: ({ kind }) => kind === '扣除交易手续费', change: (row) => [{ ...row, fen: row.fen + by }] }),
}

/** A fund-flow bill with everything wrong that was ordered; balances stay as they were. */
export function spoilFundSheet(sheet: Sheet<FundRow>, struck: readonly Struck[]): Sheet<FundRow> {
  const rows = struck.reduce((before, fault) => () => spoilRows(before(), fault), sheet.rows)
  return { ...sheet, rows, spoil: () => spoilCells(struck, { amount: '收支金额(元)', columns: sheet.columns }) }
}

function spoilRows(rows: Iterable<FundRow>, fault: Struck): Iterable<FundRow> {
  const change = changes[fault.kind]
  if (change) return changeRows(rows, fault, change(fault.by ?? 1), ({ voucherNo }) => [voucherNo])
  return fault.kind === 'extra-row' ? withExtra(rows, fault.by ?? 100) : rows
}

/** One more at the end, like the last one. */
function* withExtra(rows: Iterable<FundRow>, fen: number): Generator<FundRow> {
  let last: FundRow | undefined
  for (const row of rows) {
    yield row
    last = row
  }
  if (last) yield { ...last, ...unknown, fen }
}
