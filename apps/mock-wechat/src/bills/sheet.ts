import { dataLine, type Dialect } from './text.ts'
import type { Column, Writing } from './tradeColumns.ts'

/** A bill as it can be written any number of times, always the same: nothing holds its lines. */
export interface Sheet<Row> {
  columns: readonly Column<Row>[]
  /** From the start each time. */
  rows: () => Iterable<Row>
  summary: () => Summary<Row>
  writing: Writing
  /** What faults make of the lines as they are written; anew for each writing. */
  spoil?: () => Spoil
}

/** Names and values of the last two lines, of the rows that it was shown. */
export interface Summary<Row> {
  add(row: Row): void
  cells(): readonly (readonly [name: string, value: string])[]
}

export interface Spoil {
  cells(cells: string[]): string[]
  summary(cells: string[]): string[]
}

/** The lines of a bill without their ends: column names, rows, names of the summary, summary. */
export function* sheetLines<Row>({ columns, rows, summary: start, writing, spoil: begin }: Sheet<Row>): Generator<string> {
  yield columns.map(([name]) => name).join(',')
  const [summary, spoil] = [start(), begin?.()]
  for (const row of rows()) {
    summary.add(row)
    const cells = columns.map(([, cell]) => cell(row, writing))
    yield dataLine(spoil ? spoil.cells(cells) : cells)
  }
  const last = summary.cells()
  yield last.map(([name]) => name).join(',')
  const values = last.map(([, value]) => value)
  yield dataLine(spoil ? spoil.summary(values) : values)
}

const chunkBytes = 65_536
/** UTF-8 needs at most three bytes for what counts one in a string's length. */
const bytesPerUnit = 3

/** The bytes of a bill, some 64 kB at a time; between two of them others get their turn. Every line is ended, the last too. */
export async function* sheetBytes(lines: Iterable<string>, { bom, newline }: Dialect): AsyncGenerator<Buffer> {
  // Written piece by piece: joining a million lines as strings first takes five times as long.
  let [chunk, used] = [Buffer.allocUnsafe(2 * chunkBytes), 0]
  if (bom) used += chunk.write('\ufeff')
  for (const line of lines) {
    const piece = line + newline
    if (used >= chunkBytes || piece.length * bytesPerUnit > chunk.length - used) {
      yield chunk.subarray(0, used)
      await new Promise((resolve) => setImmediate(resolve))
      ;[chunk, used] = [Buffer.allocUnsafe(Math.max(2 * chunkBytes, piece.length * bytesPerUnit)), 0]
    }
    used += chunk.write(piece, used)
  }
  if (used > 0) yield chunk.subarray(0, used)
}
