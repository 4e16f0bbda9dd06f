import type { Context } from 'koa'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Struck } from './faults.ts'
import type { FaultKind } from './kinds.ts'

/** How a struck call ends without an honest answer. What a refusal or a 202 looks like is the protocol's business. */
export type Ending = Broken | { type: 'refused'; code: OrderedCode } | { type: 'accepted' }

/** No answer of WeChat's at all. */
export type Broken = { type: 'hang' } | { type: 'reset' } | { type: 'page'; status: number } | { type: 'cut-off' }

/** In the spelling of v2. */
export type OrderedCode = 'SYSTEMERROR' | 'FREQUENCY_LIMITED' | 'ORDERPAID'

/** The honest answer, as it would have left. */
export interface Honest {
  status: number
  type: string
  body: string
}

const before: Partial<Record<FaultKind, Ending>> = {
  'timeout-before': { type: 'hang' },
  'reset-before': { type: 'reset' },
  'http-202': { type: 'accepted' },
  'http-500': { type: 'page', status: 500 },
  'http-502': { type: 'page', status: 502 },
  'http-429': { type: 'page', status: 429 },
  SYSTEMERROR: { type: 'refused', code: 'SYSTEMERROR' },
  FREQUENCY_LIMITED: { type: 'refused', code: 'FREQUENCY_LIMITED' },
  ORDERPAID: { type: 'refused', code: 'ORDERPAID' },
}

const after: Partial<Record<FaultKind, Ending>> = {
  'timeout-after': { type: 'hang' },
  'reset-after': { type: 'reset' },
  'SYSTEMERROR-after': { type: 'refused', code: 'SYSTEMERROR' },
  html: { type: 'page', status: 200 },
  'cut-off': { type: 'cut-off' },
}

/** The first ending wins when several faults strike one call. */
export const endBefore = (struck: readonly Struck[]): Ending | undefined => first(struck, before)
export const endAfter = (struck: readonly Struck[]): Ending | undefined => first(struck, after)

function first(struck: readonly Struck[], table: Partial<Record<FaultKind, Ending>>): Ending | undefined {
  return struck.map(({ kind }) => table[kind]).find((ending) => ending !== undefined)
}

/** A cut-off promises the length of the honest answer and breaks after half of it. */
export function end(ctx: Context, ending: Broken, honest: Honest): void {
  if (ending.type === 'page') {
    ctx.status = ending.status
    ctx.type = 'text/html; charset=utf-8'
    ctx.body = `<html><head><title>${ending.status}</title></head><body><center><h1>${ending.status}</h1></center><hr><center>nginx</center></body></html>\n`
    return
  }
  ctx.respond = false
  if (ending.type === 'reset') reset(ctx.req.socket)
  if (ending.type === 'cut-off') {
    const bytes = Buffer.from(honest.body)
    ctx.res.writeHead(honest.status, { 'Content-Type': honest.type, 'Content-Length': Math.max(bytes.length, 2) })
    ctx.res.write(bytes.subarray(0, bytes.length / 2), () => ctx.req.socket.destroy())
  }
}

/** A TLS connection has no handle to reset: it breaks without a goodbye, which clients report alike. */
function reset(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy()
  else socket.resetAndDestroy()
}

/** What the `delay` faults add up to, in real milliseconds. */
export const delayMs = (struck: readonly Struck[]): number =>
  struck.reduce((sum, fault) => sum + (fault.kind === 'delay' ? (fault.ms ?? 0) : 0), 0)

/** The `Date` header under a `skew` fault (default: an hour ahead); undefined without one. */
export function skewedDate(struck: readonly Struck[]): string | undefined {
  const skew = struck.find(({ kind }) => kind === 'skew')
  return skew && new Date(Date.now() + (skew.ms ?? 3_600_000)).toUTCString()
}
