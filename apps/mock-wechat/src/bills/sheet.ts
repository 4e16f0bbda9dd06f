import { dataLine, type Dialect } from './text.ts'
import type { Column, Writing } from './tradeColumns.ts'

/** A bill as it can be written any number of times, always the same: nothing holds its lines. */
export interface Sheet<Row> {
  columns: readonly Column<Row>[]
  /** From the start each time. */
  rows: () => Iterable<Row>
  summary: () => Summary<Row>
  writing: Writing
  /** What faults make of single lines and of the last one. */
  spoil?: Spoil<Row>
}

/** Names and values of the last two lines, of the rows that it was shown. */
export interface Summary<Row> {
  add(row: Row): void
  cells(): readonly (readonly [name: string, value: string])[]
}

export interface Spoil<Row> {
  cells(cells: string[], row: Row): string[]
  summary(cells: string[]): string[]
}

/** The lines of a bill without their ends: column names, rows, names of the summary, summary. */
export function* sheetLines<Row>({ columns, rows, summary: start, writing, spoil }: Sheet<Row>): Generator<string> {
  yield columns.map(([name]) => name).join(',')
  const summary = start()
  for (const row of rows()) {
    summary.add(row)
    const cells = columns.map(([, cell]) => cell(row, writing))
    yield dataLine(spoil ? spoil.cells(cells, row) : cells)
  }
  const last = summary.cells()
  yield last.map(([name]) => name).join(',')
  const values = last.map(([, value]) => value)
  yield dataLine(spoil ? spoil.summary(values) : values)
}

const chunkBytes = 65_536

/** The bytes of a bill, some 64 kB at a time; between two of them others get their turn. Every line is ended, the last too. */
export async function* sheetBytes(lines: Iterable<string>, { bom, newline }: Dialect): AsyncGenerator<Buffer> {
  let text = bom ? '\ufeff' : ''
  for (const line of lines) {
    text += line + newline
    if (text.length < chunkBytes) continue
    yield Buffer.from(text)
    text = ''
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (text !== '') yield Buffer.from(text)
}
