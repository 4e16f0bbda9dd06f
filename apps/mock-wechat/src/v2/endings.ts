import type { Context } from 'koa'
import type { Struck } from '../faults/faults.ts'
import type { FaultKind } from '../faults/kinds.ts'
import { Failed } from './refusal.ts'

/** How a struck call ends without an honest answer. */
export type Ending =
  { type: 'hang' } | { type: 'reset' } | { type: 'page'; status: number } | { type: 'cut-off' } | { type: 'failed'; failure: Failed }

const systemError = new Failed('SYSTEMERROR', 'system error', { reason: 'a fault was ordered' })

const before: Partial<Record<FaultKind, Ending>> = {
  'timeout-before': { type: 'hang' },
  'reset-before': { type: 'reset' },
  'http-500': { type: 'page', status: 500 },
  'http-502': { type: 'page', status: 502 },
  'http-429': { type: 'page', status: 429 },
  SYSTEMERROR: { type: 'failed', failure: systemError },
  FREQUENCY_LIMITED: { type: 'failed', failure: new Failed('FREQUENCY_LIMITED', '频率限制', { reason: 'a fault was ordered' }) },
  ORDERPAID: { type: 'failed', failure: new Failed('ORDERPAID', '该订单已支付', { reason: 'a fault was ordered' }) },
}

const after: Partial<Record<FaultKind, Ending>> = {
  'timeout-after': { type: 'hang' },
  'reset-after': { type: 'reset' },
  'SYSTEMERROR-after': { type: 'failed', failure: systemError },
  html: { type: 'page', status: 200 },
  'cut-off': { type: 'cut-off' },
}

/** The first ending wins when several faults strike one call. */
export const endBefore = (struck: readonly Struck[]): Ending | undefined => first(struck, before)
export const endAfter = (struck: readonly Struck[]): Ending | undefined => first(struck, after)

function first(struck: readonly Struck[], table: Partial<Record<FaultKind, Ending>>): Ending | undefined {
  return struck.map(({ kind }) => table[kind]).find((ending) => ending !== undefined)
}

/** `xml` is the honest answer: a cut-off promises its length and breaks after half of it. */
export function end(ctx: Context, ending: Exclude<Ending, { type: 'failed' }>, xml: string): void {
  if (ending.type === 'page') {
    ctx.status = ending.status
    ctx.type = 'text/html; charset=utf-8'
    ctx.body = `<html><head><title>${ending.status}</title></head><body><center><h1>${ending.status}</h1></center><hr><center>nginx</center></body></html>\n`
    return
  }
  ctx.respond = false
  if (ending.type === 'reset') ctx.req.socket.resetAndDestroy()
  if (ending.type === 'cut-off') {
    const bytes = Buffer.from(xml)
    ctx.res.writeHead(200, { 'Content-Type': 'text/xml; charset=utf-8', 'Content-Length': bytes.length })
    ctx.res.write(bytes.subarray(0, bytes.length / 2), () => ctx.req.socket.destroy())
  }
}
