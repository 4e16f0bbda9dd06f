import type { Context, Middleware } from 'koa'
import getRawBody from 'raw-body'
import { sendBill } from '../bills/billFile.ts'
import { delayMs, end, endAfter, endBefore, skewedDate, type Ending, type OrderedCode } from '../faults/endings.ts'
import type { Faults, Struck } from '../faults/faults.ts'
import type { CallTarget } from '../faults/kinds.ts'
import { tamperAnswer } from '../faults/tamperJson.ts'
import type { Merchants } from '../merchants.ts'
import type { Payer } from '../payer.ts'
import { finishByNumber } from '../refunds/finishByNumber.ts'
import { orderOf } from '../refunds/subject.ts'
import type { Refusals } from '../refusals.ts'
import { hex, randomText } from '../support/random.ts'
import { sleep } from '../support/sleep.ts'
import { applyAbnormalRefund } from './abnormalRefund.ts'
import type { Backend } from './backend.ts'
import { fundflowbill, tradebill } from './bill.ts'
import { billOf } from './billDownload.ts'
import { certificates } from './certificates.ts'
import { close } from './close.ts'
import { h5, jsapi, native } from './create.ts'
import { admit, readBody, type Call } from './gate.ts'
import { queryByOutTradeNo, queryByTransactionId } from './query.ts'
import { queryRefund, refund } from './refund.ts'
import { internalCodes, orderPaid, Refused } from './refusal.ts'
import { answerHeaders } from './seal.ts'

export interface V3Dependencies {
  backend: Backend
  merchants: Merchants
  faults: Faults
  payer: Payer
  refusals: Refusals
}

/** Without `perform`: sends a file. */
interface Endpoint {
  method: 'GET' | 'POST'
  /** The one group is the part of the path that varies. */
  path: RegExp
  target: CallTarget
  /** Undefined is a 204. */
  perform?: (call: Call, backend: Backend, struck: readonly Struck[]) => Answer | Promise<Answer>
}

type Answer = Record<string, unknown> | undefined

const endpoints: readonly Endpoint[] = [
  { method: 'POST', path: /^\/v3\/pay\/transactions\/native$/, target: 'create', perform: native },
  { method: 'POST', path: /^\/v3\/pay\/transactions\/jsapi$/, target: 'create', perform: jsapi },
  { method: 'POST', path: /^\/v3\/pay\/transactions\/h5$/, target: 'create', perform: h5 },
  { method: 'GET', path: /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)$/, target: 'query', perform: queryByOutTradeNo },
  { method: 'GET', path: /^\/v3\/pay\/transactions\/id\/([^/]+)$/, target: 'query', perform: queryByTransactionId },
  { method: 'POST', path: /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)\/close$/, target: 'close', perform: close },
  { method: 'POST', path: /^\/v3\/refund\/domestic\/refunds$/, target: 'refund', perform: refund },
  { method: 'GET', path: /^\/v3\/refund\/domestic\/refunds\/([^/]+)$/, target: 'refund-query', perform: queryRefund },
  {
    method: 'POST',
    path: /^\/v3\/refund\/domestic\/refunds\/([^/]+)\/apply-abnormal-refund$/,
    target: 'refund',
    perform: applyAbnormalRefund,
  },
  { method: 'GET', path: /^\/v3\/certificates$/, target: 'certificates', perform: certificates },
  { method: 'GET', path: /^\/v3\/bill\/tradebill$/, target: 'trade-bill', perform: tradebill },
  { method: 'GET', path: /^\/v3\/bill\/fundflowbill$/, target: 'fund-flow-bill', perform: fundflowbill },
]
/** The one answer that is a file, and not signed. */
const billFile = { method: 'GET', path: /^\/v3\/billdownload\/file$/, target: 'bill-download' } as const
/** Ample: the longest parameter of a create has 6,144 bytes. */
const maxBodyBytes = 65_536
const jsonType = 'application/json; charset=utf-8'

/** Everything under /v3/. What is not here has no body: 404, or 405 for another method. */
export function v3Routes(dependencies: V3Dependencies): Middleware {
  return async (ctx, next) => {
    if (!ctx.path.startsWith('/v3/')) return void (await next())
    ctx.set('Cache-Control', 'no-cache, must-revalidate')
    setRequestId(ctx, 0)
    const fitting = [...endpoints, billFile].filter(({ path }) => path.test(ctx.path))
    const endpoint = fitting.find(({ method }) => method === ctx.method)
    if (endpoint) return void (await serve(ctx, endpoint, dependencies))
    sendEmpty(ctx, fitting.length === 0 ? 404 : 405)
  }
}

async function serve(ctx: Context, endpoint: Endpoint, dependencies: V3Dependencies): Promise<void> {
  try {
    const call = await readCall(ctx, endpoint, dependencies)
    const { perform } = endpoint
    await (perform ? answer(ctx, call, { ...endpoint, perform }, dependencies) : answerWithFile(ctx, call, dependencies))
  } catch (cause) {
    if (!(cause instanceof Refused)) throw cause
    dependencies.refusals.add(`${ctx.method} ${ctx.path}`, `${cause.status} ${cause.code} ${cause.message}`, cause.reason)
    refuse(ctx, cause)
  }
}

/** @throws {Refused} when it is nobody's, or no JSON */
async function readCall(ctx: Context, endpoint: Endpoint, { merchants, backend }: V3Dependencies): Promise<Call> {
  const body = await getRawBody(ctx.req, { limit: maxBodyBytes })
  const request = { method: ctx.method, url: ctx.req.url ?? '', header: (name: string) => ctx.get(name), body }
  const merchant = admit(request, merchants, backend.clock.realNow())
  return {
    merchant,
    namedSerial: ctx.get('wechatpay-serial') || undefined,
    body: readBody(body),
    query: new URLSearchParams(ctx.querystring),
    parameter: decoded(endpoint.path.exec(ctx.path)?.[1] ?? ''),
    origin: `${ctx.protocol}://${ctx.host}`,
  }
}

/** What is no good escape stays as it is: the rule for the number refuses it. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

type Performing = Required<Endpoint>

async function answer(ctx: Context, call: Call, endpoint: Performing, dependencies: V3Dependencies): Promise<void> {
  const { faults, backend } = dependencies
  const struck = faults.strike(endpoint.target, { protocol: 'v3', outTradeNo: numberOf(call, endpoint.target, backend) })
  await sleep(delayMs(struck))
  const early = endBefore(struck)
  if (early) return void finish(ctx, call, early, dependencies)
  const { headers, ...honest } = await perform(call, endpoint, struck, dependencies)
  await backend.ledger.durable()
  const date = skewedDate(struck)
  if (date !== undefined) ctx.set('Date', date)
  const late = endAfter(struck)
  if (late) return void finish(ctx, call, late, dependencies, honest)
  send(ctx, honest, headers)
}

async function answerWithFile(ctx: Context, call: Call, dependencies: V3Dependencies): Promise<void> {
  const struck = dependencies.faults.strike(billFile.target, { protocol: 'v3', outTradeNo: '' })
  await sleep(delayMs(struck))
  const date = skewedDate(struck)
  if (date !== undefined) ctx.set('Date', date)
  const early = endBefore(struck)
  if (early) return void finish(ctx, call, early, dependencies)
  const { bill, gzip } = billOf(call, dependencies.backend, struck)
  const late = endAfter(struck)
  if (late && late.type !== 'cut-off') return void finish(ctx, call, late, dependencies)
  await sendBill(ctx, { bill, gzip, struck })
}

/** The order in question, by whatever number the call names. */
function numberOf({ body, parameter, merchant: { mchid } }: Call, target: CallTarget, { ledger }: Backend): string {
  const text = (name: string) => (typeof body[name] === 'string' ? body[name] : '')
  if (target === 'refund-query') return orderOf(ledger, { mchid, outRefundNo: parameter })
  if (target === 'refund')
    return orderOf(ledger, { mchid, transactionId: text('transaction_id'), outTradeNo: text('out_trade_no'), refundId: parameter })
  const number = target === 'create' ? body['out_trade_no'] : parameter
  return typeof number === 'string' ? (ledger.byTransaction(number)?.outTradeNo ?? number) : ''
}

/** Lets the call have its effect, and writes what an honest server (but for tampering faults) would answer. */
async function perform(call: Call, { target, perform: run }: Performing, struck: readonly Struck[], dependencies: V3Dependencies) {
  const { backend, payer } = dependencies
  const has = (kind: Struck['kind']) => struck.some((fault) => fault.kind === kind)
  const payNow = () => payer.payNumber(call.merchant.mchid, numberOf(call, target, backend))
  const finishNow = () => finishByNumber(backend, call.merchant.mchid, String(call.body['out_refund_no']))
  if (has('paid-meanwhile') && target === 'close') payNow()
  const result = await run(call, backend, struck)
  const { signed, sent, seal } = tamperAnswer(result, struck)
  const headers = answerHeaders(call.merchant, { namedSerial: call.namedSerial, body: signed, now: backend.clock.realNow() }, seal)
  if (has('paid-meanwhile') && target === 'query') payNow()
  if (has('before-answer')) await (target === 'refund' ? finishNow() : payNow()?.delivered())
  return { status: result === undefined ? 204 : 200, type: jsonType, body: sent, headers }
}

/** @throws {Refused} when a refusal was ordered */
function finish(
  ctx: Context,
  { merchant, namedSerial }: Call,
  ending: Ending,
  { backend: { clock, switches } }: V3Dependencies,
  honest = { status: 200, type: jsonType, body: '' },
): void {
  if (ending.type === 'refused') throw ordered(ending.code, switches.paidCode)
  if (ending.type !== 'accepted') return void end(ctx, ending, honest)
  send(ctx, { status: 202, body: '' }, answerHeaders(merchant, { namedSerial, body: '', now: clock.realNow() }))
}

function ordered(code: OrderedCode, paidCode: 'ORDERPAID' | 'ORDER_PAID'): Refused {
  const reason = 'a fault was ordered'
  if (code === 'ORDERPAID') return orderPaid(paidCode, reason)
  return code === 'SYSTEMERROR'
    ? new Refused({ status: 500, code: 'SYSTEM_ERROR', message: '系统异常，请稍后重试', reason })
    : new Refused({ status: 429, code: 'FREQUENCY_LIMITED', message: '频率限制', reason, internal: internalCodes.rate })
}

function send(ctx: Context, { status, body }: { status: number; body: string }, headers: Record<string, string>): void {
  ctx.set(headers)
  if (body === '') return void sendEmpty(ctx, status)
  ctx.status = status
  ctx.type = jsonType
  ctx.body = body
}

function refuse(ctx: Context, cause: Refused): void {
  setRequestId(ctx, cause.internal)
  ctx.status = cause.status
  ctx.type = jsonType
  ctx.body = JSON.stringify(cause.body())
}

function sendEmpty(ctx: Context, status: number): void {
  ctx.status = status
  ctx.body = status === 204 ? null : ''
  ctx.remove('Content-Type')
}

/** The number after the dash is WeChat's internal code; 0 is success. */
const setRequestId = (ctx: Context, internal: number) => ctx.set('Request-ID', `${randomText(hex, 44).toUpperCase()}-${internal}`)
