import type { Struck } from '../faults/faults.ts'
import type { Spoil } from './sheet.ts'

/** What faults make of lines as they are written: a line with half of its columns, a word for an amount, a summary that does not fit. */
export function spoilCells(
  struck: readonly Struck[],
  { amount, columns }: { amount: string; columns: readonly (readonly [name: string, ...rest: unknown[]])[] },
): Spoil {
  const amountAt = columns.findIndex(([name]) => name === amount)
  const find = (kind: Struck['kind']) => struck.find((fault) => fault.kind === kind)
  const [short, word, summary] = [find('broken-row'), find('broken-amount'), find('wrong-summary')]
  let seen = 0
  return {
    cells(cells) {
      seen += 1
      const named = word && seen === (word.row ?? 1) ? cells.with(amountAt, word.value ?? 'NaN') : cells
      return short && seen === (short.row ?? 1) ? named.slice(0, Math.floor(named.length / 2)) : named
    },
    summary: (cells) => (summary ? cells.map((cell, index) => (index === 0 ? oneMore(cell) : cell)) : cells),
  }
}

/** The first cell is how many lines there are: "2", or "2.0". */
const oneMore = (count: string) => count.replace(/^\d+/, (digits) => String(Number(digits) + 1))
