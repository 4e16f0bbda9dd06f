import type { BillCells } from './billCells.ts'
import { readColumns } from './billColumns.ts'
import { BillBrokenError } from './billErrors.ts'
import { readScaled } from './billNumbers.ts'

/** What a bill's last line tells about the lines before it. */
export interface SummaryRules {
  /** How many lines. */
  count: string
  sums: readonly SumRule[]
  counts?: readonly CountRule[]
}

export interface SumRule {
  /** In the summary. */
  total: string
  /** In the lines; absent in some forms of the bill, whose sum is then not compared. */
  column: string
  decimals: number
  /** Only the lines for which it holds. */
  of?: () => boolean
}

export interface CountRule {
  total: string
  of: () => boolean
}

interface Sum extends SumRule {
  at: number
  value: number
}

/** The sums of a bill so far, in the parts of yuan of their rules. */
export class BillTotals {
  #count = 0
  readonly #cells: BillCells
  readonly #countName: string
  readonly #sums: readonly Sum[]
  readonly #counts: readonly (CountRule & { value: number })[]

  constructor(cells: BillCells, { count, sums, counts = [] }: SummaryRules) {
    this.#cells = cells
    this.#countName = count
    this.#sums = sums.map((rule) => ({ ...rule, at: cells.columns.find(rule.column), value: 0 })).filter(({ at }) => at !== -1)
    this.#counts = counts.map((rule) => ({ ...rule, value: 0 }))
  }

  /** Counts the line that the cells are of. @throws {BillBrokenError} */
  add(): void {
    this.#count++
    for (const sum of this.#sums) if (sum.of === undefined || sum.of()) sum.value += this.#cells.amount(sum.at, sum.decimals)
    for (const count of this.#counts) if (count.of()) count.value++
  }

  /** @throws {BillBrokenError} when the summary tells of another bill than this one */
  check(header: string, values: string, line: number): void {
    const { names, find } = readColumns(header, '', line)
    const cells = values.startsWith('`') ? values.slice(1).split(',`') : []
    if (cells.length !== names.length) throw new BillBrokenError(line, undefined, 'the summary does not fit its header')

    /** @returns false when the summary has no such column */
    function compare(name: string, sum: number, decimals: number): boolean {
      const cell = cells[find(name)]
      if (cell === undefined) return false
      const bytes = Buffer.from(cell)
      if (readScaled(bytes, 0, bytes.length, decimals) !== sum) throw new BillBrokenError(line, name, 'is not what the lines come to')
      return true
    }

    // One decimal: "2", and "2.0" in the fund-flow bill.
    if (!compare(this.#countName, this.#count * 10, 1)) throw new BillBrokenError(line, this.#countName, 'the summary has no such column')
    for (const { total, value } of this.#counts) compare(total, value * 10, 1)
    for (const { total, value, decimals } of this.#sums) compare(total, value, decimals)
  }
}
