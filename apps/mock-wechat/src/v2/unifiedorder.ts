import { h5Address } from '../h5/address.ts'
import { codeLifeMs, defaultLifeMs, standing, type Trade, type TradeType } from '../ledger/trade.ts'
import { base62, digits, hex, randomText } from '../support/random.ts'
import { formatBeijing } from '../support/beijing.ts'
import { checkFields, checkIp, checkNotifyUrl, readFen, readTime, requireOrderNumber, unifiedorderRules } from './fields.ts'
import type { Call } from './gate.ts'
import { checkH5Scene, readOpenid, readTradeType } from './products.ts'
import { Failed } from './refusal.ts'
import type { Backend } from './backend.ts'
import type { Fields } from './xml.ts'

/** Creates a trade, or repeats the answer of an identical create. @throws {Refused | Failed} */
export function unifiedorder(call: Call, backend: Backend): Fields {
  const wanted = readOrder(call, backend)
  const known = backend.ledger.find(wanted.mchid, wanted.outTradeNo)
  if (known) return answer(repeat(known, wanted, backend), backend)
  checkTimes(call.fields, backend)
  backend.ledger.create(wanted)
  return answer(wanted, backend)
}

function readOrder({ fields, merchant, appid, signType }: Call, backend: Backend): Trade {
  const { clock, switches } = backend
  const outTradeNo = requireOrderNumber(fields)
  checkFields(fields, unifiedorderRules)
  checkIp(fields)
  const tradeType = readTradeType(fields, switches.productId)
  if (tradeType === 'MWEB') checkH5Scene(fields)
  const now = clock.now()
  const expiry = readTime(fields, 'time_expire')
  return {
    protocol: 'v2',
    mchid: merchant.mchid,
    appid,
    outTradeNo,
    tradeType,
    totalFen: readFen(fields),
    description: fields.get('body') ?? '',
    attach: fields.get('attach') || null,
    deviceInfo: fields.get('device_info') || null,
    nonce: fields.get('nonce_str') ?? '',
    signType,
    notifyUrl: checkNotifyUrl(fields, switches.notifyHttp),
    parameters: comparable(fields),
    payerOpenid: tradeType === 'JSAPI' ? readOpenid(fields, { appid, appids: merchant.appids }) : null,
    payerIp: fields.get('spbill_create_ip') || null,
    ...freshStart(tradeType, backend),
    createdAt: now,
    // time_expire is real time; what counts here is the life that is left of it, on the virtual clock.
    expiresAt: now + (expiry === undefined ? defaultLifeMs : expiry - clock.realNow()),
    closedAt: null,
    declines: [],
    payment: null,
  }
}

const comparable = (fields: Fields) =>
  Object.fromEntries([...fields].filter(([name, value]) => value !== '' && !['nonce_str', 'sign', 'sign_type'].includes(name)))

function checkTimes(fields: Fields, { clock, switches }: Backend): void {
  const start = readTime(fields, 'time_start')
  const expire = readTime(fields, 'time_expire')
  if (expire === undefined) return
  if (start !== undefined && start >= expire)
    throw new Failed('PARAM_ERROR', 'time_start必须早于time_expire', { reason: 'time_start is not before time_expire' })
  if (expire - clock.realNow() < switches.minExpireSeconds * 1000) {
    throw new Failed('PARAM_ERROR', 'time_expire时间过短，刷卡至少1分钟，其他5分钟', {
      reason: `time_expire is less than ${switches.minExpireSeconds} s away; it must be Beijing time`,
    })
  }
}

/** Which parameters WeChat compares is not documented: here all but nonce_str, sign and sign_type. */
function repeat(known: Trade, wanted: Trade, { ledger, clock }: Backend): Trade {
  const changed = changedParameters(known.parameters, wanted.parameters)
  const state = standing(known, clock.now())
  if (state === 'paid') throw new Failed('ORDERPAID', '该订单已支付')
  if (state !== 'open') throw new Failed('ORDERCLOSED', '该订单已关闭')
  if (changed.length > 0) throw new Failed('INVALID_REQUEST', '201 商户订单号重复', { reason: `repeated with other ${changed.join(', ')}` })
  if (clock.now() < known.codeExpiresAt) return known
  const { prepayId, codeUrl, codeExpiresAt } = wanted
  ledger.renew(known, { prepayId, codeUrl, codeExpiresAt })
  return { ...known, prepayId, codeUrl, codeExpiresAt }
}

function changedParameters(a: Trade['parameters'], b: Trade['parameters']): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name])
}

/** Shapes as seen in published logs; clients must treat both as opaque. */
function freshStart(tradeType: TradeType, { clock, ledger }: Backend): Pick<Trade, 'prepayId' | 'codeUrl' | 'codeExpiresAt'> {
  const ddHHmmss = formatBeijing(clock.realNow()).slice(6)
  const prepayId = `wx${ddHHmmss}${randomText(hex, 18)}${randomText(digits, 8)}`
  const codeExpiresAt = clock.now() + codeLifeMs[tradeType]
  if (tradeType !== 'NATIVE') return { prepayId, codeUrl: null, codeExpiresAt }
  let codeUrl: string
  do codeUrl = `weixin://wxpay/bizpayurl?pr=${randomText(base62, 7)}`
  while (ledger.byCode(codeUrl))
  return { prepayId, codeUrl, codeExpiresAt }
}

function answer(trade: Trade, { publicUrl }: Backend): Fields {
  return new Map([
    ...(trade.deviceInfo === null ? [] : [['device_info', trade.deviceInfo] as const]),
    ['prepay_id', trade.prepayId],
    ['trade_type', trade.tradeType],
    ...(trade.codeUrl === null ? [] : [['code_url', trade.codeUrl] as const]),
    ...(trade.tradeType === 'MWEB' ? [['mweb_url', h5Address(publicUrl, trade.prepayId)] as const] : []),
  ])
}
