import type { Struck } from '../faults/faults.ts'

/** How rows of one sort of bill are chosen and changed by faults. */
export interface RowChange<Row> {
  /** Which rows are counted: the first of them is struck, or the one that `row` counts to, or those with the `outTradeNo`. */
  fits: (row: Row) => boolean
  /** What stands in its place. */
  change: (row: Row) => Row[]
  /** Without `row` and `outTradeNo`: every one. */
  all?: true
}

/** Rows with a fault done to them; everything else passes. @param numbers - of the merchant, by which a row is chosen */
export function* changeRows<Row>(
  rows: Iterable<Row>,
  { row: nth, outTradeNo }: Pick<Struck, 'row' | 'outTradeNo'>,
  { fits, change, all }: RowChange<Row>,
  numbers: (row: Row) => readonly string[],
): Generator<Row> {
  const everyOne = all && nth === undefined
  let seen = 0
  for (const row of rows) {
    const counts = fits(row) && (outTradeNo === undefined || numbers(row).includes(outTradeNo))
    if (counts) seen += 1
    const struck = counts && (everyOne || seen === (nth ?? 1))
    if (struck) yield* change(row)
    else yield row
  }
}
