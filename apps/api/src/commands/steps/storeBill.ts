import { pipeline } from 'node:stream/promises'
import { constants, createGzip } from 'node:zlib'
import { WechatUnknownOutcomeError, type BillFile } from 'wxpay-core/protocol'
import type { BillLease } from '../../storage/billDuties.ts'
import { dropPieces, insertPiece } from '../../storage/billPieces.ts'
import type { Database } from '../../storage/database.ts'

export interface StoredFile {
  plainBytes: number
  /** Why it ended before its end; what had come by then is kept. */
  cutOff: WechatUnknownOutcomeError | null
}

/** Of the gzip. */
const pieceBytes = 1_048_576

/**
 * Keeps a bill as it arrives, gzipped, in pieces: flat in memory, however long it is. No transaction is open meanwhile (rule R3); pieces count
 * for nothing before the bill's row says that they are all there, and the next try begins by dropping them.
 *
 * @throws {BillOvertakenError}
 */
export async function storeFile(db: Database, lease: BillLease, file: BillFile): Promise<StoredFile> {
  await dropPieces(db, lease.turn)
  const stored: StoredFile = { plainBytes: 0, cutOff: null }
  await pipeline(
    watched(file, lease, stored),
    createGzip({ level: constants.Z_BEST_SPEED, chunkSize: 65_536 }),
    inPieces,
    async (pieces) => {
      let number = 0
      for await (const gzip of pieces) {
        await insertPiece(db, lease.turn, { number, gzip })
        number += 1
      }
    },
  )
  return stored
}

async function* watched(file: BillFile, lease: BillLease, stored: StoredFile): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of file.plain) {
      stored.plainBytes += chunk.length
      yield chunk
      await lease.keep()
    }
  } catch (error) {
    if (!(error instanceof WechatUnknownOutcomeError)) throw error
    stored.cutOff = error
  }
}

async function* inPieces(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let length = 0
  for await (const chunk of source) {
    held.push(chunk)
    length += chunk.length
    if (length < pieceBytes) continue
    yield Buffer.concat(held)
    held = []
    length = 0
  }
  if (length > 0) yield Buffer.concat(held)
}
