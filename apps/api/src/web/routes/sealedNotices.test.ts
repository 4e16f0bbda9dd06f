import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createWechatPayV3, maxNoticeBytes } from 'wxpay-core/protocol'
import { createSealer, signed, type SealedNotice, type SealOptions } from '../../testing/sealedNotices.ts'
import { startTestApp } from '../../testing/testApp.ts'
import { openTestShop, type TestShop } from '../../testing/testShop.ts'
import { newKeyPair } from '../../testing/throwAwayKeys.ts'

type App = Awaited<ReturnType<typeof startTestApp>>

const wechatKeys = newKeyPair()
const merchantKeys = newKeyPair()
const strangerKeys = newKeyPair()
const now = Date.parse('2026-03-01T02:17:50Z')
const account = { appId: 'wxd678efh567hg6787', mchId: '1900000109' }
const wechat = {
  ...account,
  apiKey: 'ABCDEF9876543210abcdef9876543210',
  privateKey: wechatKeys.privateKey,
  keyId: 'PUB_KEY_ID_0119000001092025010100389200000001',
  now: () => now,
}
const seal = createSealer(wechat)

const gate = createWechatPayV3({
  ...account,
  key: wechat.apiKey,
  merchantPrivateKey: merchantKeys.privatePem,
  merchantSerial: '5A'.repeat(20),
  publicKey: { id: wechat.keyId, pem: wechatKeys.publicPem },
  // Nobody listens there: platform certificates cannot be had.
  apiUrl: 'http://127.0.0.1:9',
  now: () => now,
})
afterAll(() => gate.destroy())

let shop: TestShop
beforeAll(async () => {
  shop = await openTestShop()
})
beforeEach(async () => {
  await shop.reset()
  shop.speak(shop.otherWechat) // payments are made with the protocol of these notices
})
afterAll(() => shop.close())

/** The whole way from HTTP to the database. */
const startApp = (): Promise<App> =>
  startTestApp({ commands: { recordNotice: (notice) => shop.notice(notice) }, deps: { noticeGates: [gate] } })

async function post(app: App, { headers, body }: SealedNotice) {
  const response = await app.get('/notices/v3', { method: 'POST', headers, body })
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
}

const accepted = { status: 204, type: null, text: '' }
const json = 'application/json; charset=utf-8'
const refused = (status: 400 | 401, reason: string) => ({ status, type: json, text: JSON.stringify({ code: 'FAIL', message: reason }) })

describe('POST /notices/v3', () => {
  it('R6 R7 pays the order and answers 204 without body or type; the notice is kept with WeChat’s number of it', async () => {
    const app = await startApp()
    const { token, outTradeNo } = await shop.shown()
    const id = randomUUID()
    expect(await post(app, seal(outTradeNo, { envelope: { id } }))).toEqual(accepted)
    expect((await shop.read(token)).order.status).toBe('paid')
    expect(await shop.sql('SELECT protocol, outcome, request_id FROM notices WHERE notice_id = $1', [id])).toEqual([
      { protocol: 'v3', outcome: 'applied', request_id: '08F4E5D4B20610A70118AA8C6E20C4A90128BE9F02-0' },
    ])
    expect(await app.metrics.render()).toContain('wechat_notices_total{protocol="v3",result="accepted",reason="applied"} 1')
  })

  it('R10 acknowledges 100 at once and pays once', async () => {
    const app = await startApp()
    const { token, outTradeNo } = await shop.shown()
    const notice = seal(outTradeNo)
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(app, notice)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]))
    expect((await shop.eventTypes(token)).filter((type) => type === 'order.paid')).toHaveLength(1)
  })

  it('R6 takes the same notice again, signed anew with a new time', async () => {
    const app = await startApp()
    const { outTradeNo } = await shop.shown()
    const envelope = { id: randomUUID() }
    expect(await post(app, seal(outTradeNo, { envelope, ageSeconds: 20 }))).toEqual(accepted)
    expect(await post(app, seal(outTradeNo, { envelope }))).toEqual(accepted)
    expect(await shop.sql('SELECT deliveries FROM notices WHERE notice_id = $1', [envelope.id])).toEqual([{ deliveries: 2 }])
  })

  it.each<[string, SealOptions, 400 | 401, string]>([
    ['without its time', { headers: { 'Wechatpay-Timestamp': undefined } }, 401, 'missing-header'],
    ['without its nonce', { headers: { 'Wechatpay-Nonce': undefined } }, 401, 'missing-header'],
    ['without its serial', { headers: { 'Wechatpay-Serial': undefined } }, 401, 'missing-header'],
    ['without its signature', { headers: { 'Wechatpay-Signature': undefined } }, 401, 'missing-header'],
    ['with a time that is no number', { headers: { 'Wechatpay-Timestamp': 'now' } }, 400, 'malformed'],
    ['that is 301 s old', { ageSeconds: 301 }, 401, 'stale'],
    ['from 301 s ahead', { ageSeconds: -301 }, 401, 'stale'],
    ['signed with a key that we do not have', { headers: { 'Wechatpay-Serial': 'PUB_KEY_ID_02' } }, 401, 'unknown-key'],
    ['signed by somebody else', { signer: strangerKeys.privateKey }, 401, 'wrong-signature'],
    ['signed by ourselves', { signer: merchantKeys.privateKey }, 401, 'wrong-signature'],
    ['with a signature that is no base64', { headers: { 'Wechatpay-Signature': '"%&/"' } }, 401, 'wrong-signature'],
    ['signed in another way', { headers: { 'Wechatpay-Signature-Type': 'WECHATPAY2-SM2-WITH-SM3' } }, 401, 'wrong-signature'],
    ['R8 that is a probe', { headers: { 'Wechatpay-Signature': 'WECHATPAY/SIGNTEST/abc' } }, 401, 'probe'],
    ['encrypted with another key', { apiKey: '0'.repeat(32) }, 400, 'undecryptable'],
    ['with another associated text', { resource: { associated_data: 'refund' } }, 400, 'undecryptable'],
    ['whose ciphertext is cut off', { resource: { ciphertext: 'c2hvcnQ=' } }, 400, 'undecryptable'],
    ['with another algorithm', { resource: { algorithm: 'AEAD_SM4_GCM' } }, 400, 'unsupported'],
    ['of another event', { envelope: { event_type: 'REFUND.SUCCESS' } }, 400, 'unsupported'],
    ['without an id', { envelope: { id: undefined } }, 400, 'missing-field'],
    ['for another merchant', { transaction: { mchid: '1900000110' } }, 400, 'wrong-merchant'],
    ['for another app', { transaction: { appid: 'wx0000000000000000' } }, 400, 'wrong-merchant'],
    ['of a payment that was not paid', { transaction: { trade_state: 'NOTPAY' } }, 400, 'not-successful'],
  ])('R5 R7 refuses one %s and changes nothing', async (_what, options, status, reason) => {
    const app = await startApp()
    const { token, outTradeNo } = await shop.shown()
    const before = await shop.read(token)
    expect(await post(app, seal(outTradeNo, options))).toEqual(refused(status, reason))
    expect(app.calls).toEqual([])
    expect(await shop.read(token)).toEqual(before)
    expect(await app.metrics.render()).toMatch(
      new RegExp(`wechat_notices_total{protocol="v3",result="refused",reason="(authentic-)?${reason}"} 1`),
    )
  })

  it.each([
    ['a list', '[]'],
    ['a text', '"SUCCESS"'],
    ['null', 'null'],
    ['cut off', '{"id":"1"'],
    ['empty', ''],
  ])('R5 refuses a body that is %s, though signed', async (_what, body) => {
    const app = await startApp()
    expect((await post(app, signed(wechat, body))).status).toBe(400)
    expect(app.calls).toEqual([])
  })

  it.each(['<xml><return_code>SUCCESS</return_code></xml>', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml>&e;</xml>'])(
    'R5 refuses the older protocol’s XML on this address: %s',
    async (body) => {
      const app = await startApp()
      expect(await post(app, { headers: { 'Content-Type': 'text/xml' }, body })).toEqual(refused(400, 'malformed'))
      expect(app.calls).toEqual([])
    },
  )

  it('R5 verifies the bytes as they were sent: one changed blank is a forgery', async () => {
    const app = await startApp()
    const { outTradeNo } = await shop.shown()
    const notice = seal(outTradeNo)
    expect(await post(app, { ...notice, body: notice.body.replace('{', '{ ') })).toEqual(refused(401, 'wrong-signature'))
  })

  it('R5 refuses one that is too large', async () => {
    const app = await startApp()
    expect(await post(app, signed(wechat, 'x'.repeat(maxNoticeBytes + 1)))).toEqual(refused(400, 'too-large'))
  })

  it('R8 refuses a probe and takes the right one that WeChat sends afterwards', async () => {
    const app = await startApp()
    const { token, outTradeNo } = await shop.shown()
    const probe = seal(outTradeNo, { headers: { 'Wechatpay-Signature': 'WECHATPAY/SIGNTEST/abc' } })
    expect((await post(app, probe)).status).toBe(401)
    expect(await post(app, seal(outTradeNo))).toEqual(accepted)
    expect((await shop.read(token)).order.status).toBe('paid')
    expect(app.lines.filter((line) => /"level":"(warn|error)"/.test(line))).toEqual([])
  })

  it('R9 flags the wrong amount and acknowledges it', async () => {
    const app = await startApp()
    const { token, outTradeNo } = await shop.shown()
    const amount = { total: 99, payer_total: 99, currency: 'CNY', payer_currency: 'CNY' }
    expect(await post(app, seal(outTradeNo, { transaction: { amount } }))).toEqual(accepted)
    const { order, payments } = await shop.read(token)
    expect({ status: order.status, anomalies: payments[0]?.anomalies }).toEqual({ status: 'unpaid', anomalies: ['amount-mismatch'] })
  })

  it('R9 has a notice of an unknown payment sent again', async () => {
    const app = await startApp()
    expect(await post(app, seal('NOT-OURS-3'))).toMatchObject({ status: 503, type: json, text: expect.stringContaining('"code":"FAIL"') })
    expect(shop.anomalies).toEqual(['unknown-payment'])
  })

  it('R5 pays nothing that was made with the other protocol, whose key it does not need: kept, alarmed, sent again', async () => {
    const app = await startApp()
    shop.speak(shop.wechat)
    const { token, outTradeNo } = await shop.shown()
    const before = await shop.read(token)
    const notice = seal(outTradeNo)
    for (let delivery = 1; delivery <= 2; delivery++) expect(await post(app, notice)).toMatchObject({ status: 503, type: json })
    expect(await shop.read(token)).toEqual(before)
    expect(shop.anomalies).toEqual(['other-protocol', 'other-protocol'])
    expect((await shop.eventTypes(token)).filter((type) => type.startsWith('notice.'))).toEqual(['notice.other_protocol'])
    expect(await shop.sql('SELECT outcome, payment_id, deliveries FROM notices WHERE out_trade_no = $1', [outTradeNo])).toEqual([
      { outcome: 'unknown-payment', payment_id: null, deliveries: 2 },
    ])
    expect(await shop.notice(shop.wechat.pay(outTradeNo))).toBe('applied')
  })

  it('R7 answers 503 for a fault of ours and tells nothing of it', async () => {
    const failing = { recordNotice: () => Promise.reject(new Error('column "x" does not exist')) }
    const app = await startTestApp({ commands: failing, deps: { noticeGates: [gate] } })
    const answer = await post(app, seal('P00001'))
    expect(answer).toMatchObject({ status: 503, type: json })
    expect(answer.text).not.toContain('column')
  })

  it('answers GET with 405', async () => {
    const app = await startApp()
    const response = await app.get('/notices/v3')
    expect({ status: response.status, allow: response.headers.get('allow') }).toEqual({ status: 405, allow: 'POST' })
  })

  it('keeps openids, keys and signatures out of the log', async () => {
    const app = await startApp()
    const { outTradeNo } = await shop.shown()
    const notice = seal(outTradeNo, { transaction: { mchid: '1900000110' } })
    await post(app, notice)
    await post(app, seal(outTradeNo))
    const log = app.lines.join('')
    for (const secret of ['oUpF8uMuAJO', wechat.apiKey, notice.headers['Wechatpay-Signature'] ?? '']) expect(log).not.toContain(secret)
  })
})
