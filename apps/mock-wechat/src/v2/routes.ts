import Router from '@koa/router'
import type { Context } from 'koa'
import getRawBody from 'raw-body'
import type { Faults, Struck } from '../faults/faults.ts'
import { delayMs, end, endAfter, endBefore, skewedDate, type Ending, type OrderedCode } from '../faults/endings.ts'
import type { CallTarget } from '../faults/kinds.ts'
import { sealWithFaults } from '../faults/tamperXml.ts'
import type { Merchants } from '../merchants.ts'
import type { Payer } from '../payer.ts'
import { finishByNumber } from '../refunds/finishByNumber.ts'
import { orderOf } from '../refunds/subject.ts'
import type { Refusals } from '../refusals.ts'
import { sleep } from '../support/sleep.ts'
import { callerOf, refuseCertificate } from '../tls/clientCertificate.ts'
import type { Backend } from './backend.ts'
import { closeorder } from './closeorder.ts'
import { bareInAnswers, failed, succeeded, unsignedAnswer } from './envelope.ts'
import { admit, type Call, type Readings } from './gate.ts'
import { orderquery } from './orderquery.ts'
import { refund } from './refund.ts'
import { refundquery } from './refundquery.ts'
import { Failed, Refused } from './refusal.ts'
import { readLongUrl, shorturl } from './shorturl.ts'
import { unifiedorder } from './unifiedorder.ts'
import { writeXml, type Fields } from './xml.ts'

export interface V2Dependencies {
  backend: Backend
  merchants: Merchants
  faults: Faults
  payer: Payer
  refusals: Refusals
}

interface Endpoint {
  path: string
  target: CallTarget
  perform: (call: Call, backend: Backend) => Fields
  readings?: Readings
  /** Asks for the merchant's client certificate. */
  certificate?: true
}

const endpoints: readonly Endpoint[] = [
  { path: '/pay/unifiedorder', target: 'create', perform: unifiedorder },
  { path: '/pay/orderquery', target: 'query', perform: orderquery },
  { path: '/pay/closeorder', target: 'close', perform: closeorder },
  { path: '/secapi/pay/refund', target: 'refund', perform: refund, certificate: true },
  { path: '/pay/refundquery', target: 'refund-query', perform: refundquery },
  { path: '/tools/shorturl', target: 'shorturl', perform: shorturl, readings: readLongUrl },
]
/** Ample for v2, whose longest parameter has 6,000 bytes. */
const maxBodyBytes = 65_536
const xmlType = 'text/xml; charset=utf-8'

const ordered = { reason: 'a fault was ordered' }
const orderedFailures: Record<OrderedCode, Failed> = {
  SYSTEMERROR: new Failed('SYSTEMERROR', 'system error', ordered),
  FREQUENCY_LIMITED: new Failed('FREQUENCY_LIMITED', '频率限制', ordered),
  ORDERPAID: new Failed('ORDERPAID', '该订单已支付', ordered),
}

export function v2Routes(dependencies: V2Dependencies): Router {
  const router = new Router()
  for (const endpoint of endpoints) router.all(endpoint.path, (ctx) => serve(ctx, endpoint, dependencies))
  return router
}

const nameOf = ({ path }: Endpoint) => path.slice(path.lastIndexOf('/') + 1)

async function serve(ctx: Context, endpoint: Endpoint, dependencies: V2Dependencies): Promise<void> {
  try {
    if (ctx.method !== 'POST') throw new Refused('require POST method', `${ctx.method} instead of POST`)
    const caller = endpoint.certificate && callerOf(ctx, dependencies.merchants.all)
    if (caller === 'absent' || caller === 'unknown') return void refuseCaller(ctx, caller, endpoint, dependencies)
    const raw = await getRawBody(ctx.req, { limit: maxBodyBytes })
    const call = admit(raw, dependencies.merchants.all, endpoint.readings)
    await answer(ctx, caller ? { ...call, caller } : call, endpoint, dependencies)
  } catch (cause) {
    if (!(cause instanceof Refused)) throw cause
    dependencies.refusals.add(nameOf(endpoint), cause.returnMsg, cause.reason)
    sendXml(ctx, writeXml(unsignedAnswer(cause), bareInAnswers))
  }
}

function refuseCaller(ctx: Context, why: 'absent' | 'unknown', endpoint: Endpoint, { refusals }: V2Dependencies): void {
  refuseCertificate(ctx, why)
  const reason =
    why === 'absent'
      ? 'call the TLS address of GET /_control/merchants with the merchant’s certificate'
      : 'the certificate is of no merchant of this mock'
  refusals.add(nameOf(endpoint), `HTTP 400, ${why} certificate`, reason)
}

/** The order in question, by whatever number the call names. */
function numberOf({ fields, merchant: { mchid } }: Call, { ledger }: Backend): string {
  const [transactionId, outTradeNo, refundId, outRefundNo] = ['transaction_id', 'out_trade_no', 'refund_id', 'out_refund_no'].map((name) =>
    fields.get(name),
  )
  return orderOf(ledger, { mchid, transactionId, outTradeNo, refundId, outRefundNo })
}

async function answer(ctx: Context, call: Call, endpoint: Endpoint, dependencies: V2Dependencies): Promise<void> {
  const { faults, backend } = dependencies
  const struck = faults.strike(endpoint.target, { protocol: 'v2', outTradeNo: numberOf(call, backend) })
  await sleep(delayMs(struck))
  const early = endBefore(struck)
  if (early) return void finish(ctx, call, early, struck)
  const xml = await perform(call, endpoint, struck, dependencies)
  await backend.ledger.durable()
  const date = skewedDate(struck)
  if (date !== undefined) ctx.set('Date', date)
  const late = endAfter(struck)
  if (late) return void finish(ctx, call, late, struck, xml)
  sendXml(ctx, xml)
}

/** Lets the call have its effect, and writes what an honest server (but for tampering faults) would answer. */
async function perform(call: Call, endpoint: Endpoint, struck: readonly Struck[], dependencies: V2Dependencies): Promise<string> {
  const { backend, payer, refusals } = dependencies
  const { target, perform: run } = endpoint
  const has = (kind: Struck['kind']) => struck.some((fault) => fault.kind === kind)
  const payNow = () => payer.payNumber(call.merchant.mchid, call.fields.get('out_trade_no') ?? '')
  const finishNow = () => finishByNumber(backend, call.merchant.mchid, call.fields.get('out_refund_no') ?? '')
  if (has('paid-meanwhile') && target === 'close') payNow()
  let xml: string
  try {
    checkCaller(call)
    xml = seal(call, succeeded(call, run(call, backend)), struck)
  } catch (cause) {
    if (!(cause instanceof Failed)) throw cause
    refusals.add(nameOf(endpoint), `${cause.code} ${cause.description}`, cause.reason)
    return cause.signed ? seal(call, failed(call, cause), struck) : writeXml(unsignedAnswer(cause), bareInAnswers)
  }
  if (has('paid-meanwhile') && target === 'query') payNow()
  if (has('before-answer')) await (target === 'refund' ? finishNow() : payNow()?.delivered())
  return xml
}

/** The certificate must be of the merchant who is spoken of. @throws {Failed} */
function checkCaller({ caller, merchant }: Call): void {
  if (caller && caller.mchid !== merchant.mchid)
    throw new Failed('CERT_ERROR', '证书错误，请检查证书与商户号是否匹配', { reason: 'the client certificate is another merchant’s' })
}

function finish(ctx: Context, call: Call, ending: Ending, struck: readonly Struck[], xml = ''): void {
  if (ending.type === 'refused') return void sendXml(ctx, seal(call, failed(call, orderedFailures[ending.code]), struck))
  if (ending.type !== 'accepted') end(ctx, ending, { status: 200, type: xmlType, body: xml })
}

function seal({ merchant, signType }: Call, fields: Fields, struck: readonly Struck[]): string {
  return sealWithFaults({ fields, key: merchant.apiKeyV2, signType, bare: bareInAnswers }, struck)
}

function sendXml(ctx: Context, xml: string): void {
  ctx.status = 200
  ctx.type = xmlType
  ctx.body = xml
}
