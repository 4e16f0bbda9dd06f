import { isObject } from './gate.ts'
import { internalCodes, Refused } from './refusal.ts'

/** What a field must look like. `label` is WeChat's name of it, which stands in its messages. */
export type Rule = { label: string; required?: true } & (
  | { type: 'string'; min?: number; max: number; shape?: RegExp; oneOf?: readonly string[] }
  | { type: 'integer'; min?: number }
  | { type: 'boolean' }
  | { type: 'object'; fields: Rules }
  | { type: 'array'; max: number; items: Rule }
)
export type Rules = Record<string, Rule>

export type Location = 'body' | 'query' | 'uri_template'

export const text = (label: string, max: number, more: { min?: number; shape?: RegExp; required?: true } = {}): Rule => ({
  type: 'string',
  label,
  max,
  ...more,
})
export const required = { required: true } as const

/** Out of WeChat's own messages: https://pay.weixin.qq.com/doc/v3/merchant/4012791877 */
export const outTradeNo = text('商户订单号', 32, { min: 6, shape: /^[0-9a-zA-Z_\-|*]+$/, ...required })
export const transactionId = text('微信支付订单号', 32, { min: 1, ...required })
export const mchid = text('直连商户号', 32, { min: 1, ...required })

/** @throws {Refused} at the first field that is unknown, missing, or not as its rule says */
export function checkFields(values: Record<string, unknown>, rules: Rules, location: Location, pointer = `/${location}`): void {
  for (const name of Object.keys(values)) {
    if (!Object.hasOwn(rules, name)) throw extra(`${pointer}/${name}`, location)
  }
  for (const [name, rule] of Object.entries(rules)) checkField(values[name], rule, location, `${pointer}/${name}`)
}

function checkField(value: unknown, rule: Rule, location: Location, pointer: string): void {
  const refuse = (message: string, shown: unknown) => refused(`输入源“${pointer}”映射到${message}`, { location, value: shown }, pointer)
  if (value === undefined) {
    if (rule.required) throw refuse(`字段“${rule.label}”必填性规则校验失败，此字段为必填项`, '')
    return
  }
  if (!hasType(value, rule)) throw refuse(`字段“${rule.label}”类型规则校验失败，此字段的类型应为 ${rule.type}`, value) // our wording
  const broken = problem(value, rule)
  if (broken) throw refuse(`值字段“${rule.label}”${broken.message}`, broken.value)
  if (rule.type === 'object' && isObject(value)) checkFields(value, rule.fields, location, pointer)
  if (rule.type === 'array' && Array.isArray(value)) {
    for (const [index, item] of value.entries()) checkField(item, rule.items, location, `${pointer}/${index}`)
  }
}

/** null is none of these: "leave the field out" (WeChat, 2024). */
function hasType(value: unknown, { type }: Rule): boolean {
  if (type === 'integer') return Number.isSafeInteger(value)
  if (type === 'array') return Array.isArray(value)
  return type === 'object' ? isObject(value) : typeof value === type
}

/** In WeChat's words where they are known. `value` is the offending one, or its size when the size is wrong. */
function problem(value: unknown, rule: Rule): { message: string; value: unknown } | undefined {
  if (rule.type === 'integer' && typeof value === 'number' && rule.min !== undefined && value < rule.min)
    return { message: `整数规则校验失败，值 ${value}，小于最小值 ${rule.min}`, value } // our wording
  if (rule.type === 'array' && Array.isArray(value) && (value.length > rule.max || value.length === 0))
    return { message: `数组规则校验失败，元素个数 ${value.length}，不在 1 到 ${rule.max} 之间`, value: value.length } // our wording
  return rule.type === 'string' && typeof value === 'string' ? textProblem(value, rule) : undefined
}

/** Sizes are counted in bytes at the upper end: known for attach and out_trade_no, and the stricter reading for the rest. */
function textProblem(value: string, { min = 0, max, shape, oneOf }: Extract<Rule, { type: 'string' }>) {
  const failed = '字符串规则校验失败，'
  const bytes = Buffer.byteLength(value)
  if (bytes > max) return { message: `${failed}字节数 ${bytes}，大于最大值 ${max}`, value: bytes }
  if (shape && !shape.test(value)) return { message: `${failed}字符串必须匹配正则表达式“${written(shape)}”`, value }
  if (value.length < min) return { message: `${failed}字符数 ${value.length}，小于最小值 ${min}`, value: value.length }
  if (oneOf && !oneOf.includes(value)) return { message: `${failed}字符串必须是 ${oneOf.join(', ')} 之一`, value } // our wording
  // Characters of four bytes (emoji) are not supported: 基本规则. Our wording.
  return /[\u{10000}-\u{10FFFF}]/u.test(value) ? { message: `${failed}不支持四字节字符`, value } : undefined
}

/** As in WeChat's messages: every - and | within a class has a backslash in front, and slashes have none. */
const written = (shape: RegExp) =>
  shape === outTradeNoShape ? String.raw`^[0-9a-zA-Z_\-\|\*]+$` : shape.source.replaceAll(String.raw`\/`, '/')
const outTradeNoShape = outTradeNo.type === 'string' ? outTradeNo.shape : undefined

function refused(message: string, detail: { location: Location; value: unknown }, pointer: string): Refused {
  return new Refused({
    status: 400,
    code: 'PARAM_ERROR',
    message,
    detail,
    reason: `${pointer}: ${message}`,
    internal: internalCodes.illegalParameter,
  })
}

const extra = (pointer: string, location: Location) =>
  new Refused({
    status: 400,
    code: 'PARAM_ERROR',
    message: '参数中含有非法的额外参数',
    detail: { location, value: pointer },
    reason: `${pointer} is no field of this interface`,
    internal: internalCodes.extraParameter,
  })
