import { pipeline, Readable } from 'node:stream'
import { constants, createGzip } from 'node:zlib'
import type { Context } from 'koa'
import type { Struck } from '../faults/faults.ts'
import type { Bill } from './bills.ts'

export interface Delivery {
  bill: Bill
  gzip: boolean
  struck: readonly Struck[]
}

/** Streams a bill, whole or as far as a fault lets it: `truncated` ends well after half of it, `cut-off` breaks there. */
export async function sendBill(ctx: Context, { bill, gzip, struck }: Delivery): Promise<void> {
  const has = (kind: Struck['kind']) => struck.some((fault) => fault.kind === kind)
  const type = gzip ? 'application/x-gzip' : 'text/plain; charset=utf-8'
  if (has('cut-off')) return void (await cutOff(ctx, bill, { gzip, type }))
  ctx.status = 200
  ctx.type = type
  ctx.body = has('truncated') ? Readable.from(firstBytes(content(bill, gzip), (await sizeOf(bill, gzip)) / 2)) : content(bill, gzip)
}

/** Quick rather than small: these files live for one test. */
const gzipOptions = { level: constants.Z_BEST_SPEED }

/** What breaks off here is the reader's doing, or is seen by him. */
const ended = () => undefined

function content(bill: Bill, gzip: boolean): Readable {
  const plain = Readable.from(bill.bytes(), { objectMode: false })
  return gzip ? pipeline(plain, createGzip(gzipOptions), ended) : plain
}

async function sizeOf(bill: Bill, gzip: boolean): Promise<number> {
  let size = 0
  for await (const chunk of chunks(content(bill, gzip))) size += chunk.length
  return size
}

async function* firstBytes(stream: Readable, length: number): AsyncGenerator<Buffer> {
  let left = Math.floor(length)
  for await (const chunk of chunks(stream)) {
    if (left <= 0) return
    yield chunk.subarray(0, left)
    left -= chunk.length
  }
}

const chunks = (stream: Readable): AsyncIterable<Buffer> => stream

async function cutOff(ctx: Context, bill: Bill, { gzip, type }: { gzip: boolean; type: string }): Promise<void> {
  const size = await sizeOf(bill, gzip)
  ctx.respond = false
  ctx.res.writeHead(200, { 'Content-Type': type, 'Content-Length': size })
  for await (const chunk of firstBytes(content(bill, gzip), size / 2)) {
    await new Promise((resolve) => ctx.res.write(chunk, resolve))
  }
  ctx.req.socket.destroy()
}
