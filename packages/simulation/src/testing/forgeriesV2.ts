import { type Forgery, type Message, paths } from './forgery.ts'
import type { Merchant } from './mockControl.ts'
import { type Fields, sealed, type SignType, xml } from './noticeV2.ts'

interface Bad {
  name: string
  body: string
}

interface Target {
  merchant: Merchant
  /** What the shop is set to; the other one is refused. */
  signType: SignType
  /** Of another merchant at WeChat: a real key, and not ours. */
  strangersKey: string
  /** All that is true of a payment that nobody has made. */
  fields: Fields
}

/** Every way to say "paid" without being WeChat, for one payment: each field, each key, each way of signing, each bend of the XML. */
export function forgeriesV2(target: Target): Forgery[] {
  const all = [...touchedFields(target), ...wrongSignatures(target), ...strangers(target), ...bentXml(target)]
  return all.map(({ name, body }) => ({ name, write: () => ({ path: paths.v2, headers, body }) }))
}

/** With nothing wrong. */
export function genuineV2({ merchant, signType, fields }: Target): Message {
  return { path: paths.v2, headers, body: xml(sealed(fields, merchant.keyV2, signType)) }
}

const headers = { 'content-type': 'text/xml; charset=utf-8' }

const without = (fields: Fields, name: string): Fields => fields.filter(([other]) => other !== name)
const replaced = (fields: Fields, name: string, value: string): Fields =>
  fields.map((field) => (field[0] === name ? ([name, value] as const) : field))

/** A signed notice with one field changed, emptied, missing or added afterwards. */
function touchedFields({ merchant, signType, fields }: Target): Bad[] {
  const real = sealed(fields, merchant.keyV2, signType)
  const touched = real.flatMap(([name, value]) => [
    { name: `${name} changed`, body: xml(replaced(real, name, other(value))) },
    { name: `${name} emptied`, body: xml(replaced(real, name, '')) },
    { name: `${name} missing`, body: xml(without(real, name)) },
    { name: `${name} with a space`, body: xml(replaced(real, name, `${value} `)) },
  ])
  const added = ['attach', 'coupon_fee', 'device_info', 'key', '__proto__', 'unheard_of'].map((name) => ({
    name: `${name} added`,
    body: xml([...real, [name, '1']]),
  }))
  return [...touched, ...added]
}

/** The last character becomes another one. */
function other(value: string): string {
  return value.slice(0, -1) + (value.endsWith('1') ? '2' : '1')
}

function wrongSignatures({ merchant, signType, strangersKey, fields }: Target): Bad[] {
  const wrongKeys = {
    'no key': '',
    "another merchant's key": strangersKey,
    'the key in other letters': swappedCase(merchant.keyV2),
    'the key without its last letter': merchant.keyV2.slice(0, -1),
    'the key with a space': `${merchant.keyV2} `,
    'the appid as key': merchant.appId,
    'the merchant number as key': merchant.mchId,
    'a word as key': 'undefined',
  }
  const signTypes: SignType[] = ['MD5', 'HMAC-SHA256']
  const keyed = Object.entries(wrongKeys).flatMap(([name, key]) =>
    signTypes.map((type) => ({ name: `${type} with ${name}`, body: xml(sealed(fields, key, type)) })),
  )
  const otherType = signTypes.find((type) => type !== signType) ?? signType
  const downgraded: Fields = [...fields, ['sign_type', otherType]]
  const real = sealed(fields, merchant.keyV2, signType)
  const sign = real.at(-1)?.[1] ?? ''
  const bent = { 'cut short': sign.slice(0, 32), twice: sign + sign, zeros: '0'.repeat(sign.length), 'a list': `${sign},${sign}` }
  return [
    ...keyed,
    { name: `the right key and ${otherType}`, body: xml(sealed(fields, merchant.keyV2, otherType)) },
    { name: `the right key and sign_type ${otherType}`, body: xml(sealed(downgraded, merchant.keyV2, otherType)) },
    ...Object.entries(bent).map(([name, value]) => ({ name: `sign ${name}`, body: xml(replaced(real, 'sign', value)) })),
  ]
}

function swappedCase(key: string): string {
  return key.replace(/[a-z]/gi, (letter) => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()))
}

/** Signed with our key, which only WeChat and we have, and yet not for us, or not about success. */
function strangers({ merchant, signType, fields }: Target): Bad[] {
  const signed = (changed: Fields) => xml(sealed(changed, merchant.keyV2, signType))
  const wrong = { appid: 'wx0000000000000000', mch_id: '1000000000', return_code: 'FAIL', result_code: 'MAYBE' }
  const needed = ['appid', 'mch_id', 'return_code', 'result_code', 'out_trade_no', 'transaction_id', 'total_fee', 'time_end']
  return [
    ...Object.entries(wrong).map(([name, value]) => ({ name: `another ${name}, signed`, body: signed(replaced(fields, name, value)) })),
    ...needed.map((name) => ({ name: `no ${name}, signed`, body: signed(without(fields, name)) })),
    ...['-1', '0.5', '1e2', '0x64', '100.0', ' 100', '', 'NaN', '99999999999999999999'].map((fee) => ({
      name: `total_fee ${fee}, signed`,
      body: signed(replaced(fields, 'total_fee', fee)),
    })),
  ]
}

/** The signature is right for what one reader of XML sees, and another reader may see something else. */
function bentXml({ merchant, signType, fields }: Target): Bad[] {
  const real = xml(sealed(fields, merchant.keyV2, signType))
  const inside = real.slice('<xml>'.length, -'</xml>'.length)
  const unpaid = xml(replaced(sealed(fields, merchant.keyV2, signType), 'result_code', 'FAIL'))
  const bent = {
    'a DOCTYPE': `<!DOCTYPE xml [<!ENTITY e SYSTEM "file:///etc/passwd">]>${real}`,
    'an entity of its own': real.replace('NATIVE', ']]>&e;<![CDATA['),
    'an attribute': real.replace('<total_fee>', '<total_fee a="1">'),
    'a field twice': real.replace('</xml>', '<total_fee>1</total_fee></xml>'),
    'a field inside another': real.replace('<openid>', '<openid><total_fee>1</total_fee>'),
    'two roots': real + unpaid,
    'another root': `<html>${inside}</html>`,
    'text before': `paid ${real}`,
    'a zero byte': real.replace('NATIVE', 'NAT\0IVE'),
    'only half': real.slice(0, real.length / 2),
    JSON: JSON.stringify(Object.fromEntries(fields)),
    'a form': new URLSearchParams(Object.fromEntries(fields)).toString(),
    nothing: '',
    'too much': real.replace('</xml>', `<attach>${'x'.repeat(70_000)}</attach></xml>`),
  }
  return Object.entries(bent).map(([name, body]) => ({ name: `XML with ${name}`, body }))
}
