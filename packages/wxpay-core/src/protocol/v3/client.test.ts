import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { toFen } from '../../money.ts'
import { errorOf } from '../../testing/errorOf.ts'
import { refusingUrl, reset, startServer, type Behaviour, type Received } from '../../testing/server.ts'
import {
  answerError,
  answerSigned,
  certificatesOf,
  lowerCase,
  newCertificate,
  noticeOf,
  oldCertificate,
  paidTransaction,
  probeOf,
  publicKey,
  signatureOf,
  v3,
  vectorsNow,
} from '../../testing/v3.ts'
import { NoticeRefusedError, WechatRefusedError, WechatUnknownOutcomeError } from '../errors.ts'
import type { PrepayRequest } from '../port.ts'
import { createWechatPayV3, type WechatPayV3Options } from './client.ts'
import { SignatureProbeError } from './probe.ts'
import { authorize } from './sign.ts'
import { readMerchantPrivateKey } from './keys.ts'

const { keys } = v3
const settings = {
  appId: keys.appid,
  mchId: keys.mchid,
  key: keys.apiv3_key,
  merchantPrivateKey: keys.merchant.private_key_pem,
  merchantSerial: keys.merchant.serial_no,
  apiUrl: 'https://api.mch.weixin.qq.com',
} satisfies WechatPayV3Options
const ourPublicKey = { id: keys.wechatpay_public_key.id, pem: keys.wechatpay_public_key.public_key_pem }

const request: PrepayRequest = {
  outTradeNo: 'ORDER20260101000001',
  tradeType: 'native',
  description: '微信测试商品-3个月会员',
  totalFen: toFen(2990),
  expiresAt: new Date('2026-01-01T00:30:00Z'),
  notifyUrl: 'https://shop.example.com/wechatpay/notify',
  clientIp: '203.0.113.10',
}
const { outTradeNo } = request
const codeUrl = 'weixin://wxpay/bizpayurl?pr=JyC91EIz1'
const requestId = '08F5B8C2B506-0'

const opened: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

/** With WeChat's public key, unless the options say otherwise. */
async function wechat(behave: Behaviour, options: Partial<WechatPayV3Options> = {}) {
  return start(behave, { publicKey: ourPublicKey, ...options })
}

async function start(behave: Behaviour, options: Partial<WechatPayV3Options> = {}) {
  const server = await startServer(behave)
  const client = createWechatPayV3({ ...settings, now: () => vectorsNow, apiUrl: server.url, ...options })
  opened.push(
    () => server.close(),
    () => client.destroy(),
  )
  return { client, server }
}

const signed =
  (body: unknown): Behaviour =>
  (response) =>
    answerSigned(response, body)
const raw =
  (status: number, text: string, headers: Record<string, string> = {}): Behaviour =>
  (response) =>
    response.writeHead(status, headers).end(text)
const error =
  (status: number, code: string, message?: string): Behaviour =>
  (response) =>
    answerError(response, status, code, message)
const resetting: Behaviour = (_response, _received, incoming) => {
  reset(incoming)
}
const closed = (response: ServerResponse) => response.writeHead(204, signatureOf('')).end()

/** Answers the n-th request with the n-th behaviour, the last one for ever. */
const inTurn = (...behaviours: Behaviour[]): Behaviour => {
  let asked = 0
  return (...call) => behaviours[Math.min(asked++, behaviours.length - 1)]?.(...call)
}

/** The Authorization header that this very request must have had. */
async function expectedAuthorization({ method, path, body, headers }: Received): Promise<string> {
  const nonce = /nonce_str="([^"]*)"/.exec(headers.authorization ?? '')?.[1] ?? ''
  if (method !== 'GET' && method !== 'POST') throw new TypeError('no method of ours')
  const privateKey = readMerchantPrivateKey(keys.merchant.private_key_pem)
  const merchant = { mchId: keys.mchid, serial: keys.merchant.serial_no, privateKey }
  return authorize(merchant, { method, pathAndQuery: path ?? '', timestamp: vectorsNow / 1000, nonce, body })
}

describe('a prepay', () => {
  it('sends what WeChat documents for Native, signed over the bytes that are sent, and hands on the code', async () => {
    const { client, server } = await wechat(signed({ code_url: codeUrl }))
    expect(await client.prepay(request)).toEqual({
      action: { tradeType: 'native', codeUrl },
      raw: JSON.stringify({ code_url: codeUrl }),
      requestId,
    })
    const [call] = server.received
    if (!call) throw new Error('nothing was sent')
    expect(call).toMatchObject({ method: 'POST', path: '/v3/pay/transactions/native', contentType: 'application/json' })
    expect(call.headers).toMatchObject({ accept: 'application/json', 'wechatpay-serial': ourPublicKey.id })
    expect(call.headers['user-agent']).toMatch(/^wxpay-checkout\/\d/)
    expect(call.headers.authorization).toBe(await expectedAuthorization(call))
    expect(JSON.parse(call.body)).toEqual({
      appid: keys.appid,
      mchid: keys.mchid,
      description: '微信测试商品-3个月会员',
      out_trade_no: outTradeNo,
      time_expire: '2026-01-01T08:30:00+08:00',
      notify_url: 'https://shop.example.com/wechatpay/notify',
      amount: { total: 2990, currency: 'CNY' },
    })
  })

  it('R4 that is repeated sends the same bytes, with a new nonce', async () => {
    const { client, server } = await wechat(signed({ code_url: codeUrl }))
    await client.prepay(request)
    await client.prepay(request)
    const [first, second] = server.received
    expect(second?.body).toBe(first?.body)
    expect(first?.headers.authorization).toMatch(/nonce_str="[0-9A-F]{32}"/)
    expect(second?.headers.authorization).not.toBe(first?.headers.authorization)
  })

  it('names the serial of the merchant’s certificate in upper case', async () => {
    const { client, server } = await wechat(signed({ code_url: codeUrl }), { merchantSerial: settings.merchantSerial.toLowerCase() })
    await client.prepay(request)
    expect(server.received[0]?.headers.authorization).toContain(`serial_no="${keys.merchant.serial_no}"`)
  })

  it.each([
    [400, 'ORDER_PAID', '该订单已支付', 'paid'],
    [403, 'ORDERPAID', '该订单已支付', 'paid'],
    [400, 'INVALID_REQUEST', '该订单已支付', 'paid'],
    [400, 'ORDER_CLOSED', '订单已关闭', 'closed'],
    [400, 'ORDERCLOSED', '订单已关闭', 'closed'],
    [403, 'OUT_TRADE_NO_USED', '商户订单号重复', 'number-in-use'],
    [400, 'INVALID_REQUEST', '请求重入时，参数与首次请求时不一致', 'number-in-use'],
    [400, 'INVALID_REQUEST', 'Http头缺少Accept或User-Agent', 'other'],
    [400, 'INVALID_REQUEST', '商户订单号重复', 'number-in-use'],
    [400, 'PARAM_ERROR', '请求重入', 'other'],
    [400, 'APPID_MCHID_NOT_MATCH', 'appid和mch_id不匹配', 'other'],
    [403, 'NO_AUTH', '商户号该产品权限未开通', 'other'],
    [404, 'MCH_NOT_EXISTS', '商户号不存在', 'other'],
    [403, 'toString', '', 'other'],
  ])('that WeChat refuses with %i %s %s was not done, which means: %s', async (status, code, description, meaning) => {
    const { client, server } = await wechat(error(status, code, description))
    const thrown = await errorOf(client.prepay(request))
    expect(thrown).toBeInstanceOf(WechatRefusedError)
    expect(thrown).toMatchObject({ outcome: 'not-done', meaning, code, description, requestId: '08F5B8C2B506-268435461' })
    expect(server.received, 'nothing is repeated').toHaveLength(1)
  })

  it('without a code in the answer is unknown', async () => {
    for (const body of [{}, { code_url: '' }, { code_url: 1 }, { __proto__: null, other: codeUrl }]) {
      const thrown = await errorOf((await wechat(signed(body))).client.prepay(request))
      expect(thrown).toBeInstanceOf(WechatUnknownOutcomeError)
      expect(thrown).toMatchObject({ requestId })
    }
  })

  it('goes to the backup address when no connection can be made', async () => {
    const backup = await wechat(signed({ code_url: codeUrl }))
    const { client } = await wechat(resetting, { apiUrl: await refusingUrl(), apiBackupUrl: backup.server.url })
    expect((await client.prepay(request)).action).toEqual({ tradeType: 'native', codeUrl })
  })
})

describe('R4 an answer that cannot be trusted is unknown, never failed:', () => {
  const html = '<html><head><title>502 Bad Gateway</title></head></html>'
  const body = JSON.stringify({ code_url: codeUrl })
  const with200 = (headers: Record<string, string>): Behaviour => raw(200, body, headers)
  const { 'wechatpay-signature': _, ...unsignedHeaders } = signatureOf(body)

  it.each<[string, Behaviour, { rateLimited?: boolean; raw?: string; cause?: object }]>([
    ['HTML', raw(200, html), { raw: html }],
    ['HTML under 404', raw(404, html), { raw: html }],
    ['an empty 404, as WeChat gives for a path that it does not know', raw(404, ''), {}],
    ['a 400 without a code', raw(400, '{"message":"no"}'), {}],
    ['a 400 whose code is no text', raw(400, '{"code":1,"message":"no"}'), {}],
    ['a 400 that is a list', raw(400, '["ORDER_PAID"]'), {}],
    ['a gateway’s error', raw(502, html), { raw: html }],
    ['a right body under an error status', (response) => response.writeHead(500, signatureOf(body)).end(body), {}],
    ['202: taken, not carried out', (response) => response.writeHead(202, signatureOf(body)).end(body), { cause: { message: 'HTTP 202' } }],
    ['a redirect', raw(302, '', { location: '/' }), {}],
    ['429', error(429, 'FREQUENCY_LIMITED', '频率限制'), { rateLimited: true }],
    ['429 without a body', raw(429, ''), { rateLimited: true }],
    ['RATELIMIT_EXCEEDED under 403', error(403, 'RATELIMIT_EXCEEDED'), { rateLimited: true }],
    ['SYSTEM_ERROR', error(500, 'SYSTEM_ERROR', '系统错误'), { rateLimited: false, cause: { message: 'HTTP 500 SYSTEM_ERROR 系统错误' } }],
    ['SYSTEMERROR under 400', error(400, 'SYSTEMERROR'), { rateLimited: false }],
    ['SERVICE_UNAVAILABLE', error(503, 'SERVICE_UNAVAILABLE'), { rateLimited: false }],
    ['SIGN_ERROR: our own settings', error(401, 'SIGN_ERROR', '签名错误'), { cause: { message: 'HTTP 401 SIGN_ERROR 签名错误' } }],
    ['SIGN_ERROR under 400', error(400, 'SIGN_ERROR', '签名错误'), {}],
    ...[401, 408, 409, 425, 429, 500, 501].map((status): [string, Behaviour, object] => [
      `a refusal under ${status}`,
      error(status, 'ORDER_PAID'),
      { rateLimited: status === 429 },
    ]),
    ['a huge body', raw(200, ' '.repeat(70_000)), {}],
    ['a reset', resetting, {}],
    ['no signature', with200({}), { cause: { problem: 'missing-header' } }],
    ['no value of the signature', with200(unsignedHeaders), { cause: { problem: 'missing-header' } }],
    ['a signature over another body', with200(signatureOf('{}')), { cause: { problem: 'wrong-signature' } }],
    ['a signature by another key', with200({ ...signatureOf(body, { key: oldCertificate }), 'wechatpay-serial': publicKey.serial }), {}],
    ['a signature of 300 s ago', with200(signatureOf(body, { nowMs: vectorsNow - 300_000 })), { cause: { problem: 'stale' } }],
    [
      'a key of another merchant',
      with200({ ...signatureOf(body), 'wechatpay-serial': 'PUB_KEY_ID_1' }),
      { cause: { problem: 'unknown-key' } },
    ],
    ['a signed text that is not JSON', (response) => response.writeHead(200, signatureOf(html)).end(html), { raw: html }],
    ['a signed list', (response) => response.writeHead(200, signatureOf('[]')).end('[]'), {}],
  ])('%s', async (_name, behave, expected) => {
    const { client, server } = await wechat(behave)
    for (const ask of [() => client.prepay(request), () => client.query({ outTradeNo }), () => client.close(outTradeNo)]) {
      const thrown = await errorOf(ask())
      expect(thrown).toBeInstanceOf(WechatUnknownOutcomeError)
      expect(thrown).toMatchObject({ outcome: 'unknown', ...expected })
      const shown = inspect(thrown, { depth: 10 })
      for (const secret of [keys.apiv3_key, 'PRIVATE KEY', 'WECHATPAY2-SHA256-RSA2048 mchid']) expect(shown).not.toContain(secret)
    }
    expect(server.received, 'nothing is repeated').toHaveLength(3)
  })

  it('no answer in time', async () => {
    const { client } = await wechat(() => undefined, { timeoutMs: 50 })
    expect(await errorOf(client.prepay(request))).toMatchObject({ outcome: 'unknown', cause: { name: 'TimeoutError' } })
  })
})

describe('R8 a probe of signatures on an answer', () => {
  const body = JSON.stringify({ code_url: codeUrl })
  const probed: Behaviour = (response) => response.writeHead(200, probeOf(body)).end(body)

  it('is refused, and the call repeated once, signed anew', async () => {
    const { client, server } = await wechat(inTurn(probed, signed({ code_url: codeUrl })))
    expect((await client.prepay(request)).action).toEqual({ tradeType: 'native', codeUrl })
    const [first, second] = server.received
    expect(second?.body).toBe(first?.body)
    expect(second?.headers.authorization).not.toBe(first?.headers.authorization)
  })

  it('that comes again leaves the outcome unknown, with a cause of its own', async () => {
    const { client, server } = await wechat(probed)
    const thrown = await errorOf(client.prepay(request))
    expect(thrown).toMatchObject({ outcome: 'unknown', cause: { problem: 'probe' } })
    expect(thrown instanceof Error && thrown.cause).toBeInstanceOf(SignatureProbeError)
    expect(server.received).toHaveLength(2)
  })
})

describe('a query', () => {
  it('asks by our number, percent-encoded as it is signed', async () => {
    const vector = v3.request_signing.find(({ name }) => name === 'query_percent_encoded_path')
    const { client, server } = await wechat(signed({ ...paidTransaction, out_trade_no: 'A|B*C_1-2' }))
    expect(await client.query({ outTradeNo: 'A|B*C_1-2' })).toMatchObject({ state: 'paid', trade: { outTradeNo: 'A|B*C_1-2' }, requestId })
    const [call] = server.received
    if (!call) throw new Error('nothing was sent')
    expect(call).toMatchObject({ method: 'GET', path: vector?.url, body: '', contentType: undefined })
    expect(call.headers.authorization).toBe(await expectedAuthorization(call))
  })

  it('asks by WeChat’s number', async () => {
    const { client, server } = await wechat(signed(paidTransaction))
    expect(await client.query({ transactionId: paidTransaction.transaction_id })).toMatchObject({
      state: 'paid',
      refunded: false,
      trade: { outTradeNo, totalFen: 2990, payerFen: 2490, paidAt: new Date('2026-01-01T00:05:12Z') },
    })
    expect(server.received[0]?.path).toBe('/v3/pay/transactions/id/4200001234202601010000000001?mchid=1900000109')
  })

  it.each([
    ['REFUND', { state: 'paid', refunded: true }],
    ['NOTPAY', { state: 'pending', outTradeNo }],
    ['USERPAYING', { state: 'pending', outTradeNo }],
    ['CLOSED', { state: 'closed', outTradeNo }],
    ['REVOKED', { state: 'closed', outTradeNo }],
  ])('reads the state %s', async (trade_state, expected) => {
    expect(await (await wechat(signed({ ...paidTransaction, trade_state }))).client.query({ outTradeNo })).toMatchObject(expected)
  })

  it('reads an unpaid trade, which lacks most', async () => {
    const unpaid = {
      appid: keys.appid,
      mchid: keys.mchid,
      out_trade_no: outTradeNo,
      payer: {},
      trade_state: 'NOTPAY',
      trade_state_desc: '订单未支付',
    }
    expect(await (await wechat(signed(unpaid))).client.query({ outTradeNo })).toEqual({
      state: 'pending',
      outTradeNo,
      raw: JSON.stringify(unpaid),
      requestId,
    })
  })

  it.each(['ORDER_NOT_EXIST', 'ORDERNOTEXIST'])('of a number that WeChat does not know (%s) finds nothing', async (code) => {
    expect(await (await wechat(error(404, code, '订单不存在'))).client.query({ outTradeNo })).toMatchObject({
      state: 'not-found',
      requestId: '08F5B8C2B506-268435461',
    })
  })

  it('can be refused', async () => {
    expect(await errorOf((await wechat(error(403, 'TRADE_ERROR'))).client.query({ outTradeNo }))).toBeInstanceOf(WechatRefusedError)
  })

  it('finds what was paid in another app of the merchant', async () => {
    const inMiniProgram = signed({ ...paidTransaction, appid: 'wx0b2c3d4e5f607182' })
    const { client } = await wechat(inMiniProgram, { otherAppIds: ['wx0b2c3d4e5f607182'] })
    expect(await client.query({ outTradeNo })).toMatchObject({ state: 'paid' })
  })

  it.each<[string, object]>([
    ['is about another order', { out_trade_no: 'ORDER20260101000002' }],
    ['does not say which order it is about', { out_trade_no: undefined }],
    ['is for another appid', { appid: 'wxd678efh567hg6788' }],
    ['is for another merchant', { mchid: '1900000110' }],
    ['has a state that nobody knows', { trade_state: 'NEW' }],
    ['has a state that every object has', { trade_state: 'toString' }],
    ['has no state', { trade_state: undefined }],
    ['says paid, without the amount', { amount: undefined }],
    ['says paid, with an amount that is text', { amount: { total: '2990' } }],
    ['says paid, in yuan', { amount: { total: 29.9 } }],
    ['says paid, without the time', { success_time: undefined }],
  ])('is unknown when the answer %s', async (_name, change) => {
    const thrown = await errorOf((await wechat(signed({ ...paidTransaction, ...change }))).client.query({ outTradeNo }))
    expect(thrown).toBeInstanceOf(WechatUnknownOutcomeError)
    expect(thrown).toMatchObject({ requestId })
  })

  it('by WeChat’s number is unknown when the answer is about another one', async () => {
    const { client } = await wechat(signed(paidTransaction))
    expect(await errorOf(client.query({ transactionId: '4200001234202601010000000002' }))).toBeInstanceOf(WechatUnknownOutcomeError)
  })
})

describe('a close', () => {
  it('names the merchant, and takes the signed empty answer', async () => {
    const { client, server } = await wechat(closed)
    expect(await client.close('ORDER20260101000002')).toEqual({ state: 'closed', raw: '', requestId })
    expect(server.received[0]).toMatchObject({
      method: 'POST',
      path: '/v3/pay/transactions/out-trade-no/ORDER20260101000002/close',
      body: '{"mchid":"1900000109"}',
    })
  })

  it('R4 is unknown when nobody signed the empty answer', async () => {
    const { client } = await wechat(raw(204, ''))
    expect(await errorOf(client.close(outTradeNo))).toMatchObject({ outcome: 'unknown', cause: { problem: 'missing-header' } })
  })

  it.each([
    [400, 'ORDER_PAID', 'paid'],
    [403, 'ORDERPAID', 'paid'],
    [400, 'ORDER_CLOSED', 'closed'],
    [404, 'ORDER_NOT_EXIST', 'not-found'],
  ])('R14 that is refused with %i %s means %s', async (status, code, state) => {
    expect(await (await wechat(error(status, code))).client.close(outTradeNo)).toMatchObject({ state, requestId: '08F5B8C2B506-268435461' })
  })

  it('can be refused for another reason', async () => {
    expect(await errorOf((await wechat(error(403, 'TRADE_ERROR'))).client.close(outTradeNo))).toMatchObject({
      outcome: 'not-done',
      meaning: 'other',
    })
  })
})

describe('without a public key', () => {
  const certificatesPath = '/v3/certificates'
  /** Lists both certificates and signs with the newer one. */
  const rotating: Behaviour = (response, { path }) => {
    const body = path === certificatesPath ? certificatesOf(keys.platform_cert_old, keys.platform_cert_new) : { code_url: codeUrl }
    answerSigned(response, body, newCertificate)
  }

  it('the certificates are downloaded when the first answer needs them, and once', async () => {
    const { client, server } = await start(rotating)
    expect(server.received).toEqual([])
    await client.prepay(request)
    await client.prepay(request)
    expect(server.received.map(({ path }) => path)).toEqual([
      '/v3/pay/transactions/native',
      certificatesPath,
      '/v3/pay/transactions/native',
    ])
    expect(server.received.every(({ headers }) => headers['wechatpay-serial'] === undefined)).toBe(true)
  })

  it('many calls at once download them once', async () => {
    const { client, server } = await start(rotating)
    await Promise.all(Array.from({ length: 20 }, () => client.prepay(request)))
    expect(server.received.filter(({ path }) => path === certificatesPath)).toHaveLength(1)
  })

  it('an answer is unknown while they cannot be had, within the time of the call', async () => {
    const silent: Behaviour = (response, { path }) => {
      if (path !== certificatesPath) answerSigned(response, { code_url: codeUrl }, newCertificate)
    }
    const { client } = await start(silent, { timeoutMs: 100 })
    expect(await errorOf(client.prepay(request))).toBeInstanceOf(WechatUnknownOutcomeError)
  })

  it('opens a notice by the certificate that signed it, as during the switch to the public key', async () => {
    const { client } = await wechat(rotating)
    for (const key of [publicKey, oldCertificate, newCertificate]) {
      const body = JSON.stringify(noticeOf())
      expect(await client.openNotice(signatureOf(body, { key }), Buffer.from(body))).toMatchObject({ protocol: 'v3', outcome: 'paid' })
    }
  })

  it('R5 a hundred bad notices cause at most one download, also when WeChat has no certificates for us', async () => {
    const { client, server } = await wechat(error(404, 'RESOURCE_NOT_EXISTS', '无可用的平台证书'))
    const body = JSON.stringify(noticeOf())
    const refuse = (index: number) => {
      const serial = index.toString(16).toUpperCase().padStart(40, 'A')
      return errorOf(client.openNotice({ ...signatureOf(body), 'wechatpay-serial': serial }, Buffer.from(body)))
    }
    const refusals = await Promise.all(Array.from({ length: 50 }, (_, index) => refuse(index)))
    for (let index = 50; index < 100; index++) refusals.push(await refuse(index))
    for (const refusal of refusals) expect(refusal).toMatchObject({ reason: 'unknown-key', authentic: false })
    expect(server.received).toHaveLength(1)
  })

  it('R5 nothing is downloaded for a public key that is not ours, nor for what is no serial', async () => {
    const { client, server } = await wechat(rotating)
    const body = JSON.stringify(noticeOf())
    for (const serial of [
      'PUB_KEY_ID_1',
      'localhost',
      `${newCertificate.serial}, ${newCertificate.serial}`,
      newCertificate.serial.toLowerCase(),
    ])
      expect(await errorOf(client.openNotice({ ...signatureOf(body), 'wechatpay-serial': serial }, Buffer.from(body)))).toMatchObject({
        reason: 'unknown-key',
      })
    expect(server.received).toEqual([])
  })
})

describe('the client', () => {
  it('R22 tells the Date of its answers', async () => {
    const dates: number[] = []
    const { client } = await wechat(raw(500, 'no', { date: 'Thu, 01 Jan 2026 00:00:07 GMT' }), {
      onAnswerDate: (date) => void dates.push(date),
    })
    await errorOf(client.query({ outTradeNo }))
    expect(dates).toEqual([vectorsNow + 7_000])
  })

  const ecKey = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })

  it.each<[string, Partial<WechatPayV3Options>, RegExp]>([
    ['a key of 16 bytes', { key: 'x'.repeat(16) }, /^key must be exactly 32 ASCII bytes$/],
    ['an appid with a space', { appId: 'wx TELLTALE' }, /^appId must/],
    ['another appid that is none', { otherAppIds: ['TELLTALE!'] }, /^otherAppIds must/],
    ['no mchid', { mchId: '' }, /^mchId must/],
    ['a quote in the mchid', { mchId: '1900"TELLTALE' }, /^mchId must/],
    ['a private key of another kind', { merchantPrivateKey: ecKey.privateKey }, /^merchantPrivateKey must be an RSA key, not ec$/],
    [
      'a certificate instead of the private key',
      { merchantPrivateKey: keys.merchant.certificate_pem },
      /^merchantPrivateKey must .*, not a certificate$/,
    ],
    ['a serial that is none', { merchantSerial: 'TELLTALE' }, /^merchantSerial must be .* 40 hex digits$/],
    ['the public key’s id for a serial', { merchantSerial: ourPublicKey.id }, /^merchantSerial must/],
    [
      'a serial for the public key’s id',
      { publicKey: { ...ourPublicKey, id: keys.merchant.serial_no } },
      /^publicKey.id must be PUB_KEY_ID_ and digits$/,
    ],
    [
      'the own certificate where WeChat’s key belongs',
      { publicKey: { ...ourPublicKey, pem: keys.merchant.certificate_pem } },
      /^publicKey.pem must .*, not a certificate$/,
    ],
    [
      'the own private key there',
      { publicKey: { ...ourPublicKey, pem: keys.merchant.private_key_pem } },
      /^publicKey.pem must .*, not a private key$/,
    ],
    ['an address without a protocol', { apiUrl: 'api.mch.weixin.qq.com' }, /^apiUrl/],
    ['no time', { timeoutMs: 0 }, /^timeoutMs must/],
  ])('refuses %s when it is made, and does not print it', (_name, options, message) => {
    const make = () => createWechatPayV3({ ...settings, ...options })
    expect(make).toThrow(RangeError)
    expect(make).toThrow(message)
    expect(make).not.toThrow(/TELLTALE/)
  })

  it('refuses the merchant’s own public key where WeChat’s belongs', () => {
    const pem = createPublicKey(keys.merchant.private_key_pem).export({ type: 'spki', format: 'pem' }).toString()
    expect(() => createWechatPayV3({ ...settings, publicKey: { ...ourPublicKey, pem } })).toThrow(
      "publicKey.pem must be WeChat Pay's public key, not the one that belongs to the merchant's private key",
    )
  })

  it('sends nothing by itself, and shows no secret', async () => {
    const { client, server } = await wechat(signed({}))
    const shown = inspect(client, { depth: 10 })
    for (const secret of [keys.apiv3_key, 'PRIVATE KEY']) expect(shown).not.toContain(secret)
    expect(server.received).toEqual([])
  })

  it('opens the vector’s notice, with WeChat’s own number of the delivery', async () => {
    const { client } = await wechat(signed({}), { now: () => 1_767_225_916_000 })
    const vector = v3.notices[0]
    if (!vector) throw new Error('no vector')
    expect(await client.openNotice(lowerCase(vector.headers), Buffer.from(vector.body))).toMatchObject({
      protocol: 'v3',
      noticeId: '8dc45bdd-2033-595b-9c93-a23635cc7ede',
      requestId: vector.headers['Request-ID'],
      raw: vector.body,
      outcome: 'paid',
      trade: { outTradeNo, transactionId: '4200001234202601010000000001', totalFen: 2990 },
    })
  })

  it('R5 opens a notice in the same way whatever its other headers say', async () => {
    const { client } = await wechat(signed({}))
    const forged = Buffer.from(JSON.stringify(noticeOf()))
    const thrown = await errorOf(client.openNotice({ host: 'localhost', 'content-type': 'text/plain' }, forged))
    expect(thrown).toBeInstanceOf(NoticeRefusedError)
    expect(thrown).toMatchObject({ reason: 'missing-header', authentic: false })
  })
})
