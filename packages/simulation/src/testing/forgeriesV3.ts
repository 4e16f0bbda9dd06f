import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { type Forgery, type Message, paths } from './forgery.ts'
import type { Json } from './json.ts'
import type { Merchant } from './mockControl.ts'
import { seal, seconds, signed } from './noticeV3.ts'

export interface Target {
  merchant: Merchant
  /** WeChat's own, which nobody has: with it a forgery is right in everything but one thing. */
  wechatPrivateKey: string
  /** Of another merchant at WeChat: real keys, and not ours. */
  stranger: Merchant
  /** All that is true of a payment that nobody has made. */
  transaction: Json
}

/** Every way to say "paid" without being WeChat, for one payment: each header, each key, each byte, the seal, and what is under it. */
export function forgeriesV3(target: Target): Forgery[] {
  return [
    ...touchedHeaders(target),
    ...wrongTimes(target),
    ...wrongKeys(target),
    ...touchedBytes(target),
    ...wrongSeals(target),
    ...wrongEnvelopes(target),
    ...wrongContents(target),
    ...otherDoors(target),
  ]
}

const associatedData = 'transaction'
const nonce = '5K8264ILTKCH'

/** As WeChat would send it. */
function envelopeOf({ merchant, transaction }: Target, changed: { text?: string; resource?: Json; envelope?: Json } = {}): Json {
  const { text = JSON.stringify(transaction), resource, envelope } = changed
  return {
    id: randomUUID(),
    create_time: '2026-11-21T12:00:00+08:00',
    resource_type: 'encrypt-resource',
    event_type: 'TRANSACTION.SUCCESS',
    summary: '支付成功',
    resource: {
      original_type: 'transaction',
      algorithm: 'AEAD_AES_256_GCM',
      ciphertext: seal(text, { key: merchant.keyV3, nonce, associatedData }),
      associated_data: associatedData,
      nonce,
      ...resource,
    },
    ...envelope,
  }
}

/** With nothing wrong. */
export function genuineV3(target: Target): Message {
  return genuine(target)
}

function genuine(target: Target, body: string | Buffer = JSON.stringify(envelopeOf(target)), timestamp?: string): Message {
  const { wechatPrivateKey: privateKey, merchant } = target
  return signed(body, { privateKey, serial: merchant.publicKeyId, ...(timestamp !== undefined && { timestamp }) })
}

function touchedHeaders(target: Target): Forgery[] {
  const { merchant, stranger } = target
  const needed = ['timestamp', 'nonce', 'signature', 'serial'].map((name) => `wechatpay-${name}`)
  const without = needed.map((name) => withHeaders(target, `${name} missing`, (headers) => omit(headers, name)))
  const emptied = needed.map((name) => withHeaders(target, `${name} emptied`, (headers) => ({ ...headers, [name]: '' })))
  const changed = needed.map((name) => withHeaders(target, `${name} changed`, (headers) => ({ ...headers, [name]: other(headers[name]) })))
  const twice = needed.map((name) =>
    withHeaders(target, `${name} twice`, (headers) => ({ ...headers, [name]: `${headers[name] ?? ''}, ${headers[name] ?? ''}` })),
  )
  const serials = [
    stranger.publicKeyId,
    merchant.serial,
    '7'.repeat(40),
    merchant.publicKeyId.toLowerCase(),
    '__proto__',
    'PUB_KEY_ID_',
    '*',
  ]
  const signatures = {
    'a probe': (right: string) => `WECHATPAY/SIGNTEST/${right.slice(19)}`,
    'cut short': (right: string) => right.slice(0, 172),
    'in hex': (right: string) => Buffer.from(right, 'base64').toString('hex'),
    zeros: () => Buffer.alloc(256).toString('base64'),
    'no base64': () => '!'.repeat(344),
  }
  return [
    ...without,
    ...emptied,
    ...changed,
    ...twice,
    ...serials.map((serial) => withHeaders(target, `serial ${serial}`, (headers) => ({ ...headers, 'wechatpay-serial': serial }))),
    ...Object.entries(signatures).map(([name, bend]) =>
      withHeaders(target, `signature ${name}`, (headers) => ({
        ...headers,
        'wechatpay-signature': bend(headers['wechatpay-signature'] ?? ''),
      })),
    ),
    withHeaders(target, 'another signature type', (headers) => ({ ...headers, 'wechatpay-signature-type': 'WECHATPAY2-SM2-WITH-SM3' })),
  ]
}

function withHeaders(target: Target, name: string, change: (headers: Message['headers']) => Message['headers']): Forgery {
  return {
    name: `header: ${name}`,
    write() {
      const message = genuine(target)
      return { ...message, headers: change(message.headers) }
    },
  }
}

/** Rightly signed, at a moment that is not now. */
function wrongTimes(target: Target): Forgery[] {
  const times: Record<string, () => string> = {
    '301 s ago': () => String(seconds() - 301),
    // A second of ours may pass on the way.
    '310 s ahead': () => String(seconds() + 310),
    'in milliseconds': () => String(Date.now()),
    'with a sign': () => `+${seconds()}`,
    negative: () => `-${seconds()}`,
    'with a fraction': () => `${seconds()}.0`,
    'in hex': () => `0x${seconds().toString(16)}`,
    'in words': () => 'now',
    'as a date': () => new Date().toISOString(),
    NaN: () => 'NaN',
    Infinity: () => 'Infinity',
  }
  return Object.entries(times).map(([name, time]) => ({ name: `timestamp ${name}`, write: () => genuine(target, undefined, time()) }))
}

function wrongKeys(target: Target): Forgery[] {
  const { merchant, stranger } = target
  const { privateKey: newKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const keys = { 'our own key': merchant.privateKey, 'another merchant’s key': stranger.privateKey, 'a new key': newKey }
  return Object.entries(keys).flatMap(([name, privateKey]) =>
    [merchant.publicKeyId, merchant.serial, stranger.publicKeyId].map((serial) => ({
      name: `signed with ${name} as ${serial}`,
      write: () => signed(JSON.stringify(envelopeOf(target)), { privateKey, serial }),
    })),
  )
}

/** The body is not the one that was signed. */
function touchedBytes(target: Target): Forgery[] {
  const bends: Record<string, (body: string) => string | Buffer> = {
    nothing: () => '',
    'a space at the end': (body) => `${body} `,
    'a line break at the end': (body) => `${body}\n`,
    'a byte order mark': (body) => `\ufeff${body}`,
    'another layout': (body) => JSON.stringify(JSON.parse(body), null, 2),
    'escaped unicode': (body) => body.replace('支付成功', '\\u652f\\u4ed8\\u6210\\u529f'),
    'another id': (body) => JSON.stringify({ ...(JSON.parse(body) as Json), id: randomUUID() }),
    'a field more': (body) => body.replace(/\}$/, ',"x":1}'),
    'itself in a list': (body) => `[${body}]`,
    'only half': (body) => body.slice(0, body.length / 2),
    'too much': (body) => body.replace(/\}$/, `,"x":"${'x'.repeat(70_000)}"}`),
  }
  const flips = Array.from({ length: 40 }, (_, index) => [`a flipped bit at ${index}/40`, flipAt(index / 40)] as const)
  return [...Object.entries(bends), ...flips].map(([name, bend]) => ({
    name: `body: ${name}`,
    write() {
      const body = JSON.stringify(envelopeOf(target))
      return { ...genuine(target, body), body: bend(body) }
    },
  }))
}

/** @param part - of the way through, from 0 to 1 */
function flipAt(part: number): (body: string) => Buffer {
  return (body) => {
    const bytes = Buffer.from(body)
    const at = Math.floor(bytes.length * part)
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
    return bytes
  }
}

/** Signed by WeChat, and it does not open. */
function wrongSeals(target: Target): Forgery[] {
  const { merchant, stranger, transaction } = target
  const text = JSON.stringify(transaction)
  const right = { key: merchant.keyV3, nonce, associatedData }
  const ciphertext = seal(text, right)
  const flipped = (at: number) => {
    const bytes = Buffer.from(ciphertext, 'base64')
    bytes.writeUInt8(bytes.readUInt8((bytes.length + at) % bytes.length) ^ 1, (bytes.length + at) % bytes.length)
    return bytes.toString('base64')
  }
  const resources: Record<string, Json> = {
    'tag flipped': { ciphertext: flipped(-1) },
    'tag flipped at its start': { ciphertext: flipped(-16) },
    'text flipped': { ciphertext: flipped(0) },
    'tag cut to 12 bytes': { ciphertext: Buffer.from(ciphertext, 'base64').subarray(0, -4).toString('base64') },
    'no tag': { ciphertext: Buffer.from(ciphertext, 'base64').subarray(0, -16).toString('base64') },
    'cut base64': { ciphertext: ciphertext.slice(0, ciphertext.length / 2) },
    'no ciphertext': { ciphertext: '' },
    'plain text': { ciphertext: Buffer.from(text).toString('base64') },
    'the v2 key': { ciphertext: seal(text, { ...right, key: merchant.keyV2 }) },
    'another merchant’s key': { ciphertext: seal(text, { ...right, key: stranger.keyV3 }) },
    'associated data changed': { associated_data: 'refund' },
    'associated data emptied': { associated_data: '' },
    'associated data missing': { associated_data: undefined },
    'another nonce': { nonce: '5K8264ILTKCI' },
    'a short nonce': { nonce: '5K8264' },
    'no nonce': { nonce: undefined },
    'another algorithm': { algorithm: 'AEAD_SM4_GCM' },
    'no algorithm': { algorithm: undefined },
    'the algorithm in other letters': { algorithm: 'aead_aes_256_gcm' },
    'a text for a number': { ciphertext: 1 },
  }
  return Object.entries(resources).map(([name, resource]) => ({
    name: `seal: ${name}`,
    write: () => genuine(target, JSON.stringify(envelopeOf(target, { resource }))),
  }))
}

/** Signed by WeChat, and not about a payment that succeeded, or no envelope at all. */
function wrongEnvelopes(target: Target): Forgery[] {
  const envelopes: Record<string, Json> = {
    'no id': { id: undefined },
    'a refund': { event_type: 'REFUND.SUCCESS' },
    'an event that nobody knows': { event_type: 'TRANSACTION.MAYBE' },
    'no event': { event_type: undefined },
    'no resource': { resource: undefined },
    'a list for a resource': { resource: [] },
    'null for a resource': { resource: null },
  }
  const bodies = { 'a list': '[]', null: 'null', 'a text': '"SUCCESS"', 'no JSON': 'SUCCESS', nothing: '', 'half a JSON': '{"id":' }
  return [
    ...Object.entries(envelopes).map(([name, envelope]) => ({
      name: `envelope: ${name}`,
      write: () => genuine(target, JSON.stringify(envelopeOf(target, { envelope }))),
    })),
    ...Object.entries(bodies).map(([name, body]) => ({ name: `envelope: ${name}`, write: () => genuine(target, body) })),
    {
      name: 'envelope: of a refund, of which it has the type',
      write: () => genuine(target, JSON.stringify(envelopeOf(target, { resource: { original_type: 'refund' } }))),
    },
  ]
}

/** Signed and sealed by WeChat, and yet not for us, not paid, or without what a payment is booked by. */
function wrongContents(target: Target): Forgery[] {
  const { transaction } = target
  const needed = ['appid', 'mchid', 'trade_state', 'out_trade_no', 'transaction_id', 'amount', 'success_time']
  const wrong: Record<string, Json> = {
    'another appid': { appid: 'wx0000000000000000' },
    'another mchid': { mchid: '1000000000' },
    'a number for mchid': { mchid: 1_900_000_000 },
    ...Object.fromEntries(
      ['NOTPAY', 'CLOSED', 'REVOKED', 'USERPAYING', 'PAYERROR', 'REFUND', 'success', 'MAYBE', ''].map((state) => [
        `state ${state}`,
        { trade_state: state },
      ]),
    ),
    ...Object.fromEntries(
      ['100', '1e2', -1, 0.5, 1e21, null, true, [100], {}].map((total) => [
        `total ${JSON.stringify(total)}`,
        { amount: { total, payer_total: 100, currency: 'CNY', payer_currency: 'CNY' } },
      ]),
    ),
    'a time that is none': { success_time: 'yesterday' },
  }
  const changes = [
    ...needed.map((name) => [`no ${name}`, omit(transaction, name)] as const),
    ...Object.entries(wrong).map(([name, changed]) => [name, { ...transaction, ...changed }] as const),
    ['no total', { ...transaction, amount: { currency: 'CNY' } }] as const,
  ]
  const texts = [
    ...changes.map(([name, content]) => [name, JSON.stringify(content)] as const),
    ['a list', JSON.stringify([transaction])] as const,
    ['nothing', ''] as const,
    ['half of it', JSON.stringify(transaction).slice(0, 50)] as const,
  ]
  return texts.map(([name, text]) => ({
    name: `content: ${name}`,
    write: () => genuine(target, JSON.stringify(envelopeOf(target, { text }))),
  }))
}

/** At the door of the older protocol. */
function otherDoors(target: Target): Forgery[] {
  return [{ name: 'at the door of v2', write: () => ({ ...genuine(target), path: paths.v2 }) }]
}

function omit<Value>(fields: Record<string, Value>, name: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(fields).filter(([other]) => other !== name))
}

/** The first character becomes another one: the last one of base64 may stand for no bits. */
function other(value = ''): string {
  return (value.startsWith('1') ? '2' : '1') + value.slice(1)
}
