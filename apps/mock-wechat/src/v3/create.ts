import { isIP } from 'node:net'
import { judgeOpenid } from '../accounts/people.ts'
import { h5Address } from '../h5/address.ts'
import { codeLifeMs, defaultLifeMs, standing, type Trade, type TradeType } from '../ledger/trade.ts'
import { base62, hex, randomText } from '../support/random.ts'
import type { Backend } from './backend.ts'
import { h5Rules, jsapiRules, nativeRules } from './createRules.ts'
import { checkFields, type Rules } from './fields.ts'
import { isObject, type Call } from './gate.ts'
import { checkMchid } from './identity.ts'
import { checkNotifyUrl } from './notifyUrl.ts'
import { flatten } from './parameters.ts'
import { internalCodes, orderPaid, Refused } from './refusal.ts'

/** Later than this, WeChat takes this: Native下单, time_expire. */
const longestLifeMs = 15 * 86_400_000

/** A code for a screen. @throws {Refused} */
export function native(call: Call, backend: Backend) {
  return { code_url: create(call, backend, { tradeType: 'NATIVE', rules: nativeRules }).codeUrl }
}

/** A prepay id for a page inside WeChat, or a mini program. @throws {Refused} */
export function jsapi(call: Call, backend: Backend) {
  return { prepay_id: create(call, backend, { tradeType: 'JSAPI', rules: jsapiRules }).prepayId }
}

/** An address for a phone's browser. @throws {Refused} */
export function h5(call: Call, backend: Backend) {
  const { prepayId } = create(call, backend, { tradeType: 'MWEB', rules: h5Rules })
  return { h5_url: h5Address(backend.publicUrl, prepayId) }
}

/** Creates a trade; an identical create again gets a fresh code, prepay id or address, and the older one stops working. */
function create(call: Call, backend: Backend, product: { tradeType: TradeType; rules: Rules }): Trade {
  checkFields(call.body, product.rules, 'body')
  checkMchid(call.body['mchid'], call.merchant)
  const wanted = readOrder(call, backend, product.tradeType)
  const known = backend.ledger.find(wanted.mchid, wanted.outTradeNo)
  if (known) repeat(known, wanted, backend)
  else if (backend.burned.has(`${wanted.mchid}/${wanted.outTradeNo}`))
    throw otherParameters(backend, 'the number was closed before it was used')
  else backend.ledger.create(wanted)
  return wanted
}

function readOrder({ body, merchant }: Call, backend: Backend, tradeType: TradeType): Trade {
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
    tradeType,
    totalFen: Number(amount['total']),
    description: text(body['description']),
    attach: text(body['attach']) || null,
    deviceInfo: text(part(body['scene_info'])['device_id']) || null,
    nonce: null,
    signType: null,
    notifyUrl: checkNotifyUrl(text(body['notify_url']), switches.notifyHttp),
    parameters: flatten(body),
    payerOpenid: tradeType === 'JSAPI' ? readOpenid(body, merchant.appids) : null,
    payerIp: readPayerIp(body, tradeType),
    ...freshStart(tradeType, backend),
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

/** @see https://pay.weixin.qq.com/doc/v3/merchant/4012791856 the openid must be one under the very appid of the create */
function readOpenid(body: Record<string, unknown>, appids: readonly string[]): string {
  const openid = text(part(body['payer'])['openid'])
  const verdict = judgeOpenid(openid, text(body['appid']), appids)
  if (verdict === 'fits') return openid
  const [message, reason] =
    verdict === 'other-appid'
      ? ['appid和openid不匹配', 'the openid is one under another appid of this merchant']
      : ['无效的openid', 'no test user has the openid: see users in GET /_control/merchants']
  throw new Refused({ status: 400, code: 'PARAM_ERROR', message, reason, internal: internalCodes.illegalParameter })
}

/** H5 wants the payer's own address; elsewhere it is a remark that nobody looks at. */
function readPayerIp(body: Record<string, unknown>, tradeType: TradeType): string | null {
  const ip = text(part(body['scene_info'])['payer_client_ip'])
  if (tradeType !== 'MWEB' || isIP(ip) !== 0) return ip || null
  throw new Refused({
    status: 400,
    code: 'PARAM_ERROR',
    message: '用户终端IP格式有误',
    detail: { location: 'body', value: ip },
    reason: 'payer_client_ip is no single IP address',
    internal: internalCodes.illegalParameter,
  })
}

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
function changedParameters(known: Trade, wanted: Trade): string[] {
  const [a, b] = [known, wanted].map(({ parameters, tradeType }): Trade['parameters'] => ({ ...parameters, 'trade type': tradeType }))
  return [...new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])].filter((name) => a?.[name] !== b?.[name])
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
function freshStart(tradeType: TradeType, { clock, ledger }: Backend): Pick<Trade, 'prepayId' | 'codeUrl' | 'codeExpiresAt'> {
  const codeExpiresAt = clock.now() + codeLifeMs[tradeType]
  const prepayId = `wx${randomText(hex, 34)}`
  if (tradeType !== 'NATIVE') return { prepayId, codeUrl: null, codeExpiresAt }
  let codeUrl: string
  do codeUrl = `weixin://wxpay/bizpayurl?pr=${randomText(base62, 9)}`
  while (ledger.byCode(codeUrl))
  return { prepayId, codeUrl, codeExpiresAt }
}
