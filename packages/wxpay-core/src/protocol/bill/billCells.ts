import { toFen, type Fen } from '../../money.ts'
import { BillBrokenError } from './billErrors.ts'
import type { BillColumns } from './billColumns.ts'
import { readScaled, readTimeMs } from './billNumbers.ts'

const comma = 0x2c
const backtick = 0x60

const isPlain = new Uint8Array(256)
for (const byte of Buffer.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-|*@')) isPlain[byte] = 1

/** More than all the commas that texts can have. */
const maxCells = 1024

/**
 * The cells of one line, found and not copied: a bill has a million lines, and most of its cells are never looked at. One for all lines.
 *
 * Cells are parted by a comma and a backtick. Texts are not quoted, so that one of them may hold the two: what is too many is counted
 * as the texts', for the columns before them are counted from the left, those behind them from the right.
 *
 * @see https://pay.weixin.qq.com/doc/v2/merchant/4011985040
 */
export class BillCells {
  line = 0
  readonly columns: BillColumns
  #bytes: Buffer = Buffer.alloc(0)
  readonly #starts = new Int32Array(maxCells)
  readonly #ends = new Int32Array(maxCells)
  /** Of the columns behind the texts. */
  #shift = 0

  constructor(columns: BillColumns) {
    this.columns = columns
  }

  /** @param end - where the line's end begins. @throws {BillBrokenError} when the cells do not fit the columns */
  read(bytes: Buffer, start: number, end: number, line: number): void {
    this.line = line
    this.#bytes = bytes
    const count = this.#split(bytes, start, end)
    const { names, textsEnd } = this.columns
    this.#shift = count - names.length
    if (this.#shift < 0) throw new BillBrokenError(line, names[count], 'the line ends before it')
    if (this.#shift > 0 && textsEnd === 0) throw new BillBrokenError(line, undefined, 'has more cells than the header has columns')
  }

  #split(bytes: Buffer, start: number, end: number): number {
    if (bytes[start] !== backtick) throw new BillBrokenError(this.line, undefined, 'does not begin with a backtick')
    let count = 0
    let begin = start + 1
    for (let at = begin; at < end; at++) {
      if (bytes[at] !== comma || bytes[at + 1] !== backtick) continue
      this.#put(count++, begin, at)
      begin = at + 2
    }
    this.#put(count++, begin, end)
    return count
  }

  #put(index: number, start: number, end: number): void {
    if (index === maxCells) throw new BillBrokenError(this.line, undefined, 'has more cells than any bill')
    this.#starts[index] = start
    this.#ends[index] = end
  }

  #index(column: number): number {
    return column < this.columns.textsEnd ? column : column + this.#shift
  }

  /** Without its backtick; a string of its own, which keeps nothing else of the bill in memory. */
  text(column: number): string {
    const index = this.#index(column)
    return this.#bytes.toString('utf8', this.#starts[index], this.#ends[index])
  }

  /** A column that says the same in most rows: the string of the row before is used again. */
  repeated(column: number): () => string {
    let text = ''
    let bytes = Buffer.from(text)
    return () => {
      if (this.is(column, bytes)) return text
      text = this.text(column)
      bytes = Buffer.from(text)
      return text
    }
  }

  /** The number of an order or of a refund: 1 to 64 letters, digits or _-|*@ . @throws {BillBrokenError} */
  plain(column: number): string {
    const index = this.#index(column)
    const start = this.#starts[index] ?? 0
    const end = this.#ends[index] ?? 0
    let at = start
    while (at < end && isPlain[this.#bytes[at] ?? 0] === 1) at++
    if (at < end || start === end || end - start > 64) return this.broken(column, 'is no number of an order')
    return this.#bytes.toString('latin1', start, end)
  }

  /** Whether the cell has these very bytes: the quickest way to read one of a few known texts. */
  is(column: number, known: Uint8Array): boolean {
    const index = this.#index(column)
    const start = this.#starts[index] ?? 0
    if ((this.#ends[index] ?? 0) - start !== known.length) return false
    for (let at = 0; at < known.length; at++) if (this.#bytes[start + at] !== known[at]) return false
    return true
  }

  /** Yuan as a whole number of its parts: with 2 decimals in fen. @throws {BillBrokenError} */
  amount(column: number, decimals: number): number {
    const index = this.#index(column)
    const value = readScaled(this.#bytes, this.#starts[index] ?? 0, this.#ends[index] ?? 0, decimals)
    return Number.isNaN(value) ? this.broken(column, 'is no amount in yuan') : value
  }

  /** Yuan in fen, and not negative. @throws {BillBrokenError} */
  fen(column: number): Fen {
    const fen = this.amount(column, 2)
    return fen < 0 ? this.broken(column, 'is negative') : toFen(fen)
  }

  /** "2026-03-01 10:17:42" in Beijing, as Unix time in ms. @throws {BillBrokenError} */
  timeMs(column: number): number {
    const index = this.#index(column)
    const value = readTimeMs(this.#bytes, this.#starts[index] ?? 0, this.#ends[index] ?? 0)
    return Number.isNaN(value) ? this.broken(column, 'is no time') : value
  }

  broken(column: number, problem: string): never {
    throw new BillBrokenError(this.line, this.columns.names[column], problem)
  }
}
