import { isUtf8 } from 'node:buffer'
import { BillBrokenError } from './billErrors.ts'

/** Whole lines, each with its line feed. */
export interface Lines {
  bytes: Buffer
  /** Of the first of these lines, counted from 1. */
  line: number
}

const lineFeed = 0x0a
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

/** No line of a bill comes near: its longest texts have 128 characters. */
const maxLineBytes = 65_536

/**
 * Cuts what arrives into pieces of whole lines, so that a line never has to be put together twice. Every piece is UTF-8, or it is refused: no
 * character has a line feed among its bytes. A byte order mark is taken off; the last line need not end.
 *
 * @throws {BillBrokenError}
 */
export async function* wholeLines(plain: AsyncIterable<Uint8Array>): AsyncGenerator<Lines> {
  let line = 1
  let rest: Buffer = Buffer.alloc(0)
  let isFirst = true

  for await (const chunk of plain) {
    const bytes = rest.length === 0 ? bufferOf(chunk) : Buffer.concat([rest, chunk])
    const end = bytes.lastIndexOf(lineFeed) + 1
    rest = bytes.subarray(end)
    if (rest.length > maxLineBytes) throw new BillBrokenError(line, undefined, 'a line has no end')
    if (end === 0) continue
    const piece = { bytes: unmarked(bytes.subarray(0, end), isFirst), line }
    isFirst = false
    line += linesOf(checked(piece))
    yield piece
  }
  if (rest.length > 0) yield checked({ bytes: Buffer.concat([unmarked(rest, isFirst), Buffer.from('\n')]), line })
}

function bufferOf(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}

function unmarked(bytes: Buffer, isFirst: boolean): Buffer {
  return isFirst && bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark) ? bytes.subarray(byteOrderMark.length) : bytes
}

function checked(lines: Lines): Lines {
  if (!isUtf8(lines.bytes)) throw new BillBrokenError(lines.line, undefined, 'is not UTF-8, in this line or soon after it')
  return lines
}

function linesOf({ bytes }: Lines): number {
  let lines = 0
  for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) lines++
  return lines
}
