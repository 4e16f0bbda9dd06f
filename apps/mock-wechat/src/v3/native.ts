import { codeLifeMs, defaultLifeMs, standing, type Trade } from '../ledger/trade.ts'
import { base62, hex, randomText } from '../support/random.ts'
import type { Backend } from './backend.ts'
import { checkFields, nativeRules } from './fields.ts'
import { isObject, type Call } from './gate.ts'
import { checkMchid } from './identity.ts'
import { checkNotifyUrl } from './notifyUrl.ts'
import { flatten } from './parameters.ts'
import { internalCodes, orderPaid, Refused } from './refusal.ts'

/** Later than this, WeChat takes this: Native下单, time_expire. */
const longestLifeMs = 15 * 86_400_000

/**
 * Creates a trade; an identical create again gets a fresh code, and the older one stops working.
 *
 * @throws {Refused}
 */
export function native(call: Call, backend: Backend): { code_url: string } {
  checkFields(call.body, nativeRules, 'body')
  checkMchid(call.body['mchid'], call.merchant)
  const wanted = readOrder(call, backend)
  const known = backend.ledger.find(wanted.mchid, wanted.outTradeNo)
  if (known) repeat(known, wanted, backend)
  else if (backend.burned.has(`${wanted.mchid}/${wanted.outTradeNo}`))
    throw otherParameters(backend, 'the number was closed before it was used')
  else backend.ledger.create(wanted)
  return { code_url: wanted.codeUrl }
}

function readOrder({ body, merchant }: Call, backend: Backend): Trade {
  const { clock, switches } = backend
  const appid = text(body['appid'])
  if (!merchant.appids.includes(appid)) throw notBound()
  const amount = part(body['amount'])
  checkCurrency(amount['currency'])
  checkProducts(part(body['settle_info']))
  return {
    protocol: 'v3',
    mchid: merchant.mchid,
    appid,
    outTradeNo: text(body['out_trade_no']),
    tradeType: 'NATIVE',
    totalFen: Number(amount['total']),
    description: text(body['description']),
    attach: text(body['attach']) || null,
    deviceInfo: text(part(body['scene_info'])['device_id']) || null,
    nonce: null,
    signType: null,
    notifyUrl: checkNotifyUrl(text(body['notify_url']), switches.notifyHttp),
    parameters: flatten(body),
    ...freshCode(backend),
    createdAt: clock.now(),
    expiresAt: clock.now() + lifeMs(text(body['time_expire']), backend),
    closedAt: null,
    declines: [],
    payment: null,
  }
}

/** The rules have been checked: these only tell the types. */
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const part = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {})

/** time_expire is real time; what counts here is the life that is left of it. Too early and too late are moved, not refused. */
function lifeMs(timeExpire: string, { clock, switches }: Backend): number {
  if (timeExpire === '') return defaultLifeMs
  const at = Date.parse(timeExpire)
  if (Number.isNaN(at)) {
    throw new Refused({
      status: 400,
      code: 'PARAM_ERROR',
      message: '支付结束时间格式有误',
      detail: { location: 'body', value: timeExpire },
      reason: 'time_expire is no date',
      internal: internalCodes.illegalParameter,
    })
  }
  return Math.min(Math.max(at - clock.realNow(), switches.minExpireSeconds * 1000), longestLifeMs)
}

/** @see https://pay.weixin.qq.com/doc/v3/merchant/4012081703 the very example of an error there */
function checkCurrency(currency: unknown): void {
  if (currency === undefined || currency === 'CNY') return
  const detail = { field: '/amount/currency', value: currency, issue: 'Currency code is invalid', location: 'body' }
  throw new Refused({ status: 400, code: 'PARAM_ERROR', message: '参数错误', detail, internal: internalCodes.illegalParameter })
}

function checkProducts(settleInfo: Record<string, unknown>): void {
  if (settleInfo['profit_sharing'] !== true) return
  const message = '商户号该产品权限未开通，请前往商户平台>产品中心检查后重试'
  throw new Refused({ status: 403, code: 'NO_AUTH', message, reason: 'profit sharing is a product that these merchants do not have' })
}

const notBound = () =>
  new Refused({ status: 400, code: 'APPID_MCHID_NOT_MATCH', message: 'appid和mch_id不匹配，请检查后再试', internal: internalCodes.appid })

function repeat(known: Trade, wanted: Trade, backend: Backend): void {
  const { clock, switches, ledger } = backend
  const state = standing(known, clock.now())
  if (state === 'paid') throw orderPaid(switches.paidCode)
  if (state !== 'open') throw new Refused({ status: 400, code: 'ORDER_CLOSED', message: '该订单已关闭', internal: internalCodes.closed })
  const changed = changedParameters(known, wanted)
  if (changed.length > 0) throw otherParameters(backend, `repeated with other ${changed.join(', ')}`)
  const { prepayId, codeUrl, codeExpiresAt } = wanted
  ledger.renew(known, { prepayId, codeUrl, codeExpiresAt })
}

/** An order that was placed by protocol v2 has other names for everything: it always differs. */
function changedParameters({ parameters: a }: Trade, { parameters: b }: Trade): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name])
}

/** Merchants report the one, WeChat's table has the other. */
function otherParameters({ switches }: Backend, reason: string): Refused {
  return switches.numberInUse === 'OUT_TRADE_NO_USED'
    ? new Refused({ status: 403, code: 'OUT_TRADE_NO_USED', message: '商户订单号重复', reason, internal: internalCodes.reentry })
    : new Refused({
        status: 400,
        code: 'INVALID_REQUEST',
        message: '请求重入时，参数与首次请求时不一致',
        reason,
        internal: internalCodes.reentry,
      })
}

/** Shapes as in WeChat's samples; clients must treat both as opaque. */
function freshCode({ clock, ledger }: Backend): Pick<Trade, 'prepayId' | 'codeUrl' | 'codeExpiresAt'> {
  let codeUrl: string
  do codeUrl = `weixin://wxpay/bizpayurl?pr=${randomText(base62, 9)}`
  while (ledger.byCode(codeUrl))
  return { prepayId: `wx${randomText(hex, 34)}`, codeUrl, codeExpiresAt: clock.now() + codeLifeMs }
}
