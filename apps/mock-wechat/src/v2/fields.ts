import { isIP } from 'node:net'
import { parseBeijing } from '../support/beijing.ts'
import { Failed, Refused } from './refusal.ts'
import type { Fields } from './xml.ts'

/** What a parameter must look like. `max` counts UTF-8 bytes: the stricter reading where WeChat's tables do not say. */
export interface Rule {
  required?: true
  max: number
  shape?: RegExp
  /** Belongs to a product that these merchants do not have: any other value than this is NOAUTH. */
  onlyWithout?: string
}

export const notEnabled = '商户号该产品权限未开通，请前往商户平台>产品中心检查后重试'
const text = (max: number): Rule => ({ max })
const orderNumber: Rule = { max: 32, shape: /^[0-9A-Za-z_\-|*@]{6,32}$/ }
const dateTime: Rule = { max: 14, shape: /^\d{14}$/ }
const product = (onlyWithout = ''): Rule => ({ max: 128, onlyWithout })

/** Chapter 统一下单: https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_1 */
export const unifiedorderRules: Record<string, Rule> = {
  device_info: text(32),
  body: { required: true, max: 127 },
  detail: text(6000),
  attach: text(127),
  out_trade_no: orderNumber,
  fee_type: { max: 16, shape: /^CNY$/ },
  total_fee: { required: true, max: 19 },
  spbill_create_ip: { required: true, max: 64 },
  time_start: dateTime,
  time_expire: dateTime,
  goods_tag: text(32),
  notify_url: { required: true, max: 256 },
  trade_type: { required: true, max: 16 },
  product_id: text(32),
  limit_pay: { max: 32, shape: /^no_credit$/ },
  openid: text(128),
  scene_info: text(256),
  receipt: product(),
  profit_sharing: product('N'),
  version: product(),
  user_type: product(),
  user_creid: product(),
  user_truename: product(),
}

/** Chapter 查询订单: https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_2 */
export const orderqueryRules: Record<string, Rule> = { transaction_id: text(32), out_trade_no: orderNumber }

/** Chapter 关闭订单: https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_3 */
export const closeorderRules: Record<string, Rule> = { out_trade_no: orderNumber }

/** Chapter 转换短链接: https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_9 */
export const shorturlRules: Record<string, Rule> = { long_url: { required: true, max: 512 } }

const envelope = new Set(['appid', 'mch_id', 'nonce_str', 'sign', 'sign_type'])

/** @throws {Refused | Failed} at the first parameter that is unknown, missing, too long or of the wrong shape */
export function checkFields(fields: Fields, rules: Record<string, Rule>): void {
  for (const name of fields.keys()) {
    if (!envelope.has(name) && !Object.hasOwn(rules, name))
      throw new Failed('PARAM_ERROR', `参数错误:未知参数${name}`, { reason: `unknown field ${name}` })
  }
  for (const [name, rule] of Object.entries(rules)) checkField(name, fields.get(name) ?? '', rule)
}

function checkField(name: string, value: string, { required, max, shape, onlyWithout }: Rule): void {
  if (value === '') {
    if (required) throw new Refused('缺少参数', `${name} is required`)
    return
  }
  if (Buffer.byteLength(value) > max) throw new Refused(`${name}参数长度有误`, `${name} is longer than ${max} bytes`)
  if (shape && !shape.test(value)) throw badValue(name, `${name} does not match ${shape}`)
  if (onlyWithout !== undefined && value !== onlyWithout)
    throw new Failed('NOAUTH', notEnabled, { reason: `${name} belongs to a product that is not enabled` })
}

export const badValue = (name: string, reason: string) => new Failed('PARAM_ERROR', `参数错误:${name}格式有误`, { reason })

/** A missing number is answered without a signature: published logs of real answers show it so. */
export function requireOrderNumber(fields: Fields): string {
  const outTradeNo = fields.get('out_trade_no') ?? ''
  if (outTradeNo === '') throw new Failed('PARAM_ERROR', '参数错误:必须输入商户单号', { reason: 'out_trade_no is required', signed: false })
  return outTradeNo
}

/** Fen: digits only, at least 1. */
export function readFen(fields: Fields, name: 'total_fee' | 'refund_fee' = 'total_fee'): number {
  const value = fields.get(name) ?? ''
  const fen = /^\d+$/.test(value) ? Number(value) : NaN
  if (!Number.isSafeInteger(fen))
    throw new Failed('PARAM_ERROR', `${name} 需要一个合法的 64 位有符号整数`, { reason: `${name} is not a whole number of fen` })
  if (fen < 1) throw badValue(name, `${name} is below 1 fen`)
  return fen
}

export function checkIp(fields: Fields): void {
  if (isIP(fields.get('spbill_create_ip') ?? '') === 0)
    throw new Refused('invalid spbill_create_ip', 'spbill_create_ip is no single IP address')
}

/** Real milliseconds of a yyyyMMddHHmmss parameter; undefined when it was not sent. */
export function readTime(fields: Fields, name: 'time_start' | 'time_expire'): number | undefined {
  const value = fields.get(name) ?? ''
  if (value === '') return undefined
  const atMs = parseBeijing(value)
  if (atMs === undefined) throw badValue(name, `${name} is no date`)
  return atMs
}

/**
 * Absolute address, no query string, public and https: WeChat's rules. The switch opens plain http for development.
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_7
 */
export function checkNotifyUrl(fields: Fields, http: 'loopback' | 'any' | 'never'): string {
  const value = fields.get('notify_url') ?? ''
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
    throw badValue('notify_url', 'notify_url is no http(s) address')
  if (/[?#]/.test(value)) throw badValue('notify_url', 'notify_url must not carry a query or a fragment')
  const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)
  const allowed = http === 'any' || (loopback ? http === 'loopback' : url.protocol === 'https:')
  if (!allowed) throw badValue('notify_url', 'notify_url must be https on a public host (switch MOCK_NOTIFY_HTTP)')
  return value
}
