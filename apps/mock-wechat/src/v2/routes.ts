import Router from '@koa/router'
import type { Context } from 'koa'
import getRawBody from 'raw-body'
import type { Faults, Struck } from '../faults/faults.ts'
import { callTargets, type CallTarget } from '../faults/kinds.ts'
import { sealWithFaults } from '../faults/tamper.ts'
import type { Merchant } from '../merchants.ts'
import type { Payer } from '../payer.ts'
import type { Refusals } from '../refusals.ts'
import { sleep } from '../support/sleep.ts'
import type { Backend } from './backend.ts'
import { closeorder } from './closeorder.ts'
import { end, endAfter, endBefore, type Ending } from './endings.ts'
import { bareInAnswers, failed, succeeded, unsignedAnswer } from './envelope.ts'
import { admit, type Call } from './gate.ts'
import { orderquery } from './orderquery.ts'
import { Failed, Refused } from './refusal.ts'
import { unifiedorder } from './unifiedorder.ts'
import { writeXml, type Fields } from './xml.ts'

export interface V2Dependencies {
  backend: Backend
  merchants: readonly Merchant[]
  faults: Faults
  payer: Payer
  refusals: Refusals
}

const endpoints: Record<CallTarget, (call: Call, backend: Backend) => Fields> = { unifiedorder, orderquery, closeorder }
/** Ample for v2, whose longest parameter has 6,000 bytes. */
const maxBodyBytes = 65_536

export function v2Routes(dependencies: V2Dependencies): Router {
  const router = new Router()
  for (const target of callTargets) router.all(`/pay/${target}`, (ctx) => serve(ctx, target, dependencies))
  return router
}

async function serve(ctx: Context, target: CallTarget, dependencies: V2Dependencies): Promise<void> {
  try {
    if (ctx.method !== 'POST') throw new Refused('require POST method', `${ctx.method} instead of POST`)
    const raw = await getRawBody(ctx.req, { limit: maxBodyBytes })
    await answer(ctx, admit(raw, dependencies.merchants), target, dependencies)
  } catch (cause) {
    if (!(cause instanceof Refused)) throw cause
    dependencies.refusals.add(target, cause.returnMsg, cause.reason)
    sendXml(ctx, writeXml(unsignedAnswer(cause), bareInAnswers))
  }
}

async function answer(ctx: Context, call: Call, target: CallTarget, dependencies: V2Dependencies): Promise<void> {
  const { faults, backend } = dependencies
  const struck = faults.strike(target, call.fields.get('out_trade_no') ?? '')
  await sleep(struck.reduce((sum, fault) => sum + (fault.kind === 'delay' ? (fault.ms ?? 0) : 0), 0))
  const early = endBefore(struck)
  if (early) return void finish(ctx, call, early, struck)
  const xml = await perform(call, target, struck, dependencies)
  await backend.ledger.durable()
  if (struck.some(({ kind }) => kind === 'skew')) ctx.set('Date', skewed(struck))
  const late = endAfter(struck)
  if (late) return void finish(ctx, call, late, struck, xml)
  sendXml(ctx, xml)
}

/** Lets the call have its effect, and writes what an honest server (but for tampering faults) would answer. */
async function perform(call: Call, target: CallTarget, struck: readonly Struck[], dependencies: V2Dependencies): Promise<string> {
  const { backend, payer, refusals } = dependencies
  const has = (kind: Struck['kind']) => struck.some((fault) => fault.kind === kind)
  const payNow = () => payer.payNumber(call.merchant.mchid, call.fields.get('out_trade_no') ?? '')
  if (has('paid-meanwhile') && target === 'closeorder') payNow()
  let xml: string
  try {
    xml = seal(call, succeeded(call, endpoints[target](call, backend)), struck)
  } catch (cause) {
    if (!(cause instanceof Failed)) throw cause
    refusals.add(target, `${cause.code} ${cause.description}`, cause.reason)
    return cause.signed ? seal(call, failed(call, cause), struck) : writeXml(unsignedAnswer(cause), bareInAnswers)
  }
  if (has('paid-meanwhile') && target === 'orderquery') payNow()
  if (has('before-answer')) await payNow()?.delivered()
  return xml
}

function finish(ctx: Context, call: Call, ending: Ending, struck: readonly Struck[], xml = ''): void {
  if (ending.type === 'failed') return void sendXml(ctx, seal(call, failed(call, ending.failure), struck))
  end(ctx, ending, xml)
}

function seal({ merchant, signType }: Call, fields: Fields, struck: readonly Struck[]): string {
  return sealWithFaults({ fields, key: merchant.apiKeyV2, signType, bare: bareInAnswers }, struck)
}

function sendXml(ctx: Context, xml: string): void {
  ctx.status = 200
  ctx.type = 'text/xml; charset=utf-8'
  ctx.body = xml
}

function skewed(struck: readonly Struck[]): string {
  const ms = struck.find(({ kind }) => kind === 'skew')?.ms ?? 3_600_000
  return new Date(Date.now() + ms).toUTCString()
}
