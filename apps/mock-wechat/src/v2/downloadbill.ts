import Router from '@koa/router'
import type { Context } from 'koa'
import getRawBody from 'raw-body'
import { sendBill } from '../bills/billFile.ts'
import type { Bills, BillType, NoBill } from '../bills/bills.ts'
import { readDay, type BillDay } from '../bills/day.ts'
import { delayMs, end, endAfter, endBefore, skewedDate, type Ending } from '../faults/endings.ts'
import type { Faults } from '../faults/faults.ts'
import type { billTargets } from '../faults/kinds.ts'
import type { Merchants } from '../merchants.ts'
import type { Refusals } from '../refusals.ts'
import { sleep } from '../support/sleep.ts'
import { callerOf, refuseCertificate } from '../tls/clientCertificate.ts'
import { fundFlowAnswers, tradeBillAnswers, type BillAnswers } from './billAnswers.ts'
import { admit, type Call } from './gate.ts'
import { Failed, Refused } from './refusal.ts'
import { checkFields, type Rule } from './fields.ts'
import { writeXml } from './xml.ts'

export interface V2BillDependencies {
  bills: Bills
  merchants: Merchants
  faults: Faults
  refusals: Refusals
}

interface BillEndpoint {
  name: 'downloadbill' | 'downloadfundflow'
  target: (typeof billTargets)[number]
  rules: Record<string, Rule>
  typeOf: (call: Call) => BillType | undefined
  answers: BillAnswers
  /** Asks for the merchant's client certificate. */
  certificate?: true
}

const shared: Record<string, Rule> = { bill_date: { required: true, max: 32 }, tar_type: { max: 8, shape: /^GZIP$/ } }
const tradeTypes: Record<string, BillType> = { ALL: 'ALL', SUCCESS: 'SUCCESS', REFUND: 'REFUND', RECHARGE_REFUND: 'other' }
const accounts: Record<string, BillType> = { Basic: 'FUND-FLOW', Operation: 'other', Fees: 'other' }

/** Chapter 下载交易账单: https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_6 */
const tradeBill: BillEndpoint = {
  name: 'downloadbill',
  target: 'trade-bill',
  rules: { ...shared, bill_type: { max: 32 } },
  typeOf: ({ fields }) => own(tradeTypes, fields.get('bill_type') || 'ALL'),
  answers: tradeBillAnswers,
}

/** Chapter 下载资金账单: https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_18 */
const fundFlow: BillEndpoint = {
  name: 'downloadfundflow',
  target: 'fund-flow-bill',
  rules: { ...shared, account_type: { required: true, max: 32 } },
  typeOf: ({ fields }) => own(accounts, fields.get('account_type') ?? ''),
  answers: fundFlowAnswers,
  certificate: true,
}

const own = (table: Record<string, BillType>, name: string) => (Object.hasOwn(table, name) ? table[name] : undefined)
const maxBodyBytes = 65_536

/** A bill is the answer itself: text or gzip, not signed. A refusal is XML, not signed either, also when gzip was asked for. */
export function downloadbillRoutes(dependencies: V2BillDependencies): Router {
  const router = new Router()
  for (const endpoint of [tradeBill, fundFlow]) router.all(`/pay/${endpoint.name}`, (ctx) => serve(ctx, endpoint, dependencies))
  return router
}

async function serve(ctx: Context, endpoint: BillEndpoint, dependencies: V2BillDependencies): Promise<void> {
  try {
    if (ctx.method !== 'POST') throw new Refused('require POST method', `${ctx.method} instead of POST`)
    const caller = endpoint.certificate && callerOf(ctx, dependencies.merchants.all)
    if (caller === 'absent' || caller === 'unknown') return void refuseCaller(ctx, caller, endpoint, dependencies)
    const raw = await getRawBody(ctx.req, { limit: maxBodyBytes })
    const call = admit(raw, dependencies.merchants.all)
    if (caller && caller.mchid !== call.merchant.mchid)
      throw new Failed('CERT_ERROR', '证书错误，请检查证书与商户号是否匹配', { reason: 'the client certificate is another merchant’s' })
    await answer(ctx, call, endpoint, dependencies)
  } catch (cause) {
    if (!(cause instanceof Refused || cause instanceof Failed)) throw cause
    refuse(ctx, endpoint, dependencies, { fields: endpoint.answers.refused(cause), reason: cause.reason })
  }
}

function refuseCaller(ctx: Context, why: 'absent' | 'unknown', { name }: BillEndpoint, { refusals }: V2BillDependencies): void {
  refuseCertificate(ctx, why)
  refusals.add(name, `HTTP 400, ${why} certificate`, 'call the TLS address of GET /_control/merchants with the merchant’s certificate')
}

async function answer(ctx: Context, call: Call, endpoint: BillEndpoint, dependencies: V2BillDependencies): Promise<void> {
  const asked = readAsked(call, endpoint)
  const struck = dependencies.faults.strike(endpoint.target, { protocol: 'v2', outTradeNo: '' })
  await sleep(delayMs(struck))
  const date = skewedDate(struck)
  if (date !== undefined) ctx.set('Date', date)
  const early = endBefore(struck)
  if (early) return void finish(ctx, early, endpoint, dependencies)
  const bill = typeof asked === 'string' ? asked : dependencies.bills.find({ ...asked, merchant: call.merchant, protocol: 'v2' }, struck)
  if (typeof bill === 'string')
    return void refuse(ctx, endpoint, dependencies, { fields: endpoint.answers.no[bill], reason: reasons[bill] })
  const late = endAfter(struck)
  if (late && late.type !== 'cut-off') return void finish(ctx, late, endpoint, dependencies)
  await sendBill(ctx, { bill, gzip: call.fields.get('tar_type') === 'GZIP', struck })
}

const reasons: Record<NoBill | 'bad-type', string> = {
  'bad-date': 'bill_date is no day of the last three months before today, on the virtual clock',
  'bad-type': 'there is no such bill_type or account_type',
  creating: 'the bill of yesterday is ready at nine in Beijing, on the virtual clock',
  none: 'nothing happened on that day',
}

/** @throws {Refused | Failed} */
function readAsked(call: Call, { name, rules, typeOf }: BillEndpoint): 'bad-date' | 'bad-type' | { day: BillDay; type: BillType } {
  const { fields, signType } = call
  if (name === 'downloadfundflow' && signType !== 'HMAC-SHA256')
    throw new Refused('签名错误', 'downloadfundflow takes sign_type HMAC-SHA256 only')
  checkFields(fields, rules)
  const date = fields.get('bill_date') ?? ''
  const [day, type] = [date.includes('-') ? undefined : readDay(date), typeOf(call)]
  if (!day) return 'bad-date'
  return type === undefined ? 'bad-type' : { day, type }
}

function finish(ctx: Context, ending: Ending, endpoint: BillEndpoint, dependencies: V2BillDependencies): void {
  if (ending.type === 'refused') {
    const fields = endpoint.answers.ordered(ending.code)
    return void refuse(ctx, endpoint, dependencies, { fields, reason: 'a fault was ordered' })
  }
  if (ending.type !== 'accepted') end(ctx, ending, { status: 200, type: 'text/plain; charset=utf-8', body: '' })
}

function refuse(
  ctx: Context,
  { name }: BillEndpoint,
  { refusals }: V2BillDependencies,
  { fields, reason }: { fields: readonly (readonly [string, string])[]; reason: string },
): void {
  refusals.add(name, fields.map(([, value]) => value).join(' '), reason)
  ctx.status = 200
  ctx.type = 'text/plain; charset=utf-8'
  ctx.body = writeXml(new Map(fields), () => false)
}
