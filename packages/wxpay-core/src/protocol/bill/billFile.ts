import { createHash } from 'node:crypto'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { WechatUnknownOutcomeError } from '../errors.ts'
import type { BillFile } from '../port.ts'
import { maxFlowBytes, readLimited } from '../send.ts'

/**
 * The plain bytes of a bill as they arrive. Its SHA-1 is over these, after the gzip was taken off; the hash is told in a signed answer, the
 * bill itself is not signed.
 *
 * @param call - the name of the call in errors
 * @param sha1 - hex, in either case
 * @param maxBytes - without the gzip, which can hide a thousand times as much as it has
 * @see https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter3_1_6.shtml
 */
export function billFileOf(call: string, begun: Begun, sha1: string | null, maxBytes: number = maxFlowBytes): BillFile {
  const hash = sha1 === null ? null : createHash('sha1')
  let actual: string | undefined

  async function* plain(): AsyncGenerator<Uint8Array> {
    let length = 0
    try {
      for await (const chunk of isGzip(begun.head) ? unzipped(begun.all) : begun.all) {
        length += chunk.length
        if (length > maxBytes) throw new RangeError(`the bill has more than ${maxBytes} bytes`)
        hash?.update(chunk)
        yield chunk
      }
    } catch (cause) {
      throw unknown(call, cause)
    }
    actual = hash?.digest('hex')
  }

  return { plain: plain(), sha1, isWhole: () => (sha1 === null ? null : actual === sha1.toLowerCase()) }
}

export interface Begun {
  /** The first bytes, at least two unless there are fewer. */
  head: Buffer
  /** Everything, the first bytes again. To be read once. */
  all: AsyncIterable<Uint8Array>
}

/** Reads far enough to see what it is: what WeChat says of its type is not to be relied on. */
export async function begin(body: AsyncIterable<Uint8Array>): Promise<Begun> {
  const chunks = body[Symbol.asyncIterator]()
  let head = Buffer.alloc(0)
  while (head.length < 2) {
    const next = await chunks.next()
    if (next.done) break
    head = Buffer.concat([head, next.value])
  }

  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      if (head.length > 0) yield head
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value
    } finally {
      await chunks.return?.() // whoever leaves early ends the connection
    }
  }

  return { head, all: all() }
}

/** What came in the place of a bill. */
export async function readInstead(call: string, body: AsyncIterable<Uint8Array>): Promise<string> {
  try {
    return (await readLimited(body)).toString('utf8')
  } catch (cause) {
    throw unknown(call, cause)
  }
}

function unknown(call: string, cause: unknown): WechatUnknownOutcomeError {
  return cause instanceof WechatUnknownOutcomeError ? cause : new WechatUnknownOutcomeError(call, cause)
}

function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b
}

/** Large pieces: every one costs a turn of the loop. */
const pieceBytes = 262_144

/** Errors of either reach the reader, and a reader that leaves reaches the connection. */
function unzipped(zipped: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return pipeline(Readable.from(zipped, { objectMode: false }), createGunzip({ chunkSize: pieceBytes }), () => undefined)
}
