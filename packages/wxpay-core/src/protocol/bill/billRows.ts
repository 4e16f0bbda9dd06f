import { BillCells } from './billCells.ts'
import { readColumns } from './billColumns.ts'
import { BillBrokenError } from './billErrors.ts'
import { wholeLines } from './billLines.ts'
import type { BillTotals } from './billSummary.ts'

export interface BillForm<Row> {
  /** The last of the columns of texts that anybody may have written. */
  lastText: string
  totals(cells: BillCells): BillTotals
  /** Looks up its columns once, and reads a row from the cells of each line. @throws {BillBrokenError} */
  rowReader(cells: BillCells): () => Row
}

const lineFeed = 0x0a
const carriageReturn = 0x0d
const backtick = 0x60

/**
 * Reads a bill as it arrives, and hands out its rows in the batches in which they came: one wait for many rows. Header, lines that begin
 * with a backtick, a summary's header and its line, and nothing after them; only at the end is it known that the bill is whole.
 *
 * @throws {BillBrokenError}
 */
export async function* readRows<Row>(plain: AsyncIterable<Uint8Array>, form: BillForm<Row>): AsyncGenerator<Row[]> {
  const reader = new RowReader(form)
  for await (const { bytes, line } of wholeLines(plain)) {
    const rows = reader.read(bytes, line)
    if (rows.length > 0) yield rows
  }
  reader.end()
}

class RowReader<Row> {
  readonly #form: BillForm<Row>
  #open: { cells: BillCells; totals: BillTotals; readRow: () => Row } | undefined
  /** The summary's header, once it has come. */
  #summary: string | undefined
  #isDone = false
  #line = 1

  constructor(form: BillForm<Row>) {
    this.#form = form
  }

  read(bytes: Buffer, line: number): Row[] {
    const rows: Row[] = []
    this.#line = line
    for (let start = 0; start < bytes.length; this.#line++) {
      const feed = bytes.indexOf(lineFeed, start)
      const end = bytes[feed - 1] === carriageReturn && feed > start ? feed - 1 : feed
      if (this.#open && this.#summary === undefined && bytes[start] === backtick) rows.push(this.#readLine(bytes, start, end))
      else this.#readOther(bytes.toString('utf8', start, end))
      start = feed + 1
    }
    return rows
  }

  end(): void {
    if (!this.#isDone) throw new BillBrokenError(this.#line, undefined, 'the bill ends without its summary')
  }

  #readLine(bytes: Buffer, start: number, end: number): Row {
    if (!this.#open) throw new BillBrokenError(this.#line, undefined, 'stands before the header')
    const { cells, totals, readRow } = this.#open
    cells.read(bytes, start, end, this.#line)
    totals.add()
    return readRow()
  }

  /** There are few of these: the two headers, the summary, and empty lines before and after it. */
  #readOther(text: string): void {
    if (!this.#open) this.#open = this.#begin(text)
    else if (text === '') return
    else if (this.#isDone) throw new BillBrokenError(this.#line, undefined, 'stands after the summary')
    else if (this.#summary === undefined) this.#summary = text
    else {
      this.#open.totals.check(this.#summary, text, this.#line)
      this.#isDone = true
    }
  }

  #begin(header: string) {
    const cells = new BillCells(readColumns(header, this.#form.lastText))
    return { cells, totals: this.#form.totals(cells), readRow: this.#form.rowReader(cells) }
  }
}
