import { base62, randomText } from '../support/random.ts'
import { sign, type SignType } from '../v2/sign.ts'
import { writeXml, type Fields } from '../v2/xml.ts'
import type { Struck } from './faults.ts'

export interface Seal {
  fields: Fields
  key: string
  signType: SignType
  bare: (name: string) => boolean
}

/** Signs a message and writes it as XML; each fault that struck does its harm at its own stage. */
export function sealWithFaults({ fields, key, signType, bare }: Seal, struck: readonly Struck[]): string {
  const has = (kind: Struck['kind']) => struck.some((fault) => fault.kind === kind)
  const message: Fields = new Map(fields)
  for (const fault of struck) beforeSigning(message, fault, signType)
  const otherType = signType === 'MD5' ? 'HMAC-SHA256' : 'MD5'
  message.set('sign', sign(message, has('wrong-key') ? randomText(base62, 32) : key, has('other-sign-type') ? otherType : signType))
  for (const fault of struck) afterSigning(message, fault)
  const ordered = has('shuffled') ? new Map([...message].toSorted(([a], [b]) => (a < b ? 1 : -1))) : message
  return struck.reduce(spoilXml, writeXml(ordered, has('shuffled') ? () => false : bare))
}

function beforeSigning(message: Fields, fault: Struck, signType: SignType): void {
  switch (fault.kind) {
    case 'other-appid':
      return void message.set('appid', 'wx00000000deadbeef')
    case 'other-mchid':
      return void message.set('mch_id', '1900000109')
    case 'unknown-fields':
      return void message.set('future_field_x', 'keep-me').set('Another_field', '新字段')
    case 'sign-type-element':
      return void message.set('sign_type', signType)
    case 'oversized':
      return void message.set('future_field_x', 'x'.repeat(100_000))
    case 'amount-off':
      for (const name of ['total_fee', 'cash_fee']) message.set(name, String(Number(message.get(name) ?? 0) + (fault.by ?? 1)))
      return
    case 'altered':
      return void message.set(fault.field ?? '', fault.value ?? '')
    case 'missing':
      return void message.delete(fault.field ?? '')
    default:
      return
  }
}

function afterSigning(message: Fields, fault: Struck): void {
  if (fault.kind === 'unsigned') message.delete('sign')
  if (fault.kind === 'forged') message.set(fault.field ?? '', fault.value ?? '')
  if (fault.kind === 'wrong-signature') {
    const right = message.get('sign') ?? ''
    message.set('sign', (right.startsWith('0') ? '1' : '0') + right.slice(1))
  }
}

/** What can be wrong with a document that was rightly made. */
export function spoilXml(xml: string, fault: Struck): string {
  if (fault.kind === 'doctype') return `<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]>${xml.replace('<xml>', '<xml><x>&x;</x>')}`
  if (fault.kind === 'duplicate-field') {
    const name =
      ['out_trade_no', 'result_code', 'product_id', 'req_info'].find((candidate) => xml.includes(`<${candidate}>`)) ?? 'nonce_str'
    return xml.replace('</xml>', `<${name}><![CDATA[ANOTHER]]></${name}></xml>`)
  }
  if (fault.kind === 'truncated') return xml.slice(0, xml.length / 2)
  return xml
}
