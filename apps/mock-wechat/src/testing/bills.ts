import { createHash } from 'node:crypto'
import { sheetBytes, sheetLines, type Sheet } from '../bills/sheet.ts'
import type { Dialect } from '../bills/text.ts'

/** As the vector of the reference: no byte order mark, CRLF. */
export const plain: Dialect = { bom: false, newline: '\r\n', commas: 'escaped' }

/** A whole bill as text: for the small ones of tests. */
export async function written<Row>(sheet: Sheet<Row>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of sheetBytes(sheetLines(sheet), sheet.writing.dialect)) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

export const sha1 = (bytes: string | Buffer): string => createHash('sha1').update(bytes).digest('hex')
