import { X509Certificate } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, it } from 'vitest'
import {
  lowerCase,
  noticeOf,
  oldCertificate,
  paidTransaction,
  probeOf,
  refundNoticeOf,
  refundResource,
  signatureOf,
  v3,
  vectorsNow,
  wechatPublicKey,
} from '../../testing/v3.ts'
import { errorOf } from '../../testing/errorOf.ts'
import { readAccount } from '../account.ts'
import { NoticeRefusedError } from '../errors.ts'
import { maxNoticeBytes, type PaymentNotice, type RefundNotice } from '../port.ts'
import { createCipher, type Cipher } from './cipher.ts'
import { createKeyRing } from './keyRing.ts'
import { noticeReplies, openNotice } from './notice.ts'
import type { PlatformCertificates } from './platformCertificates.ts'
import { createVerifier } from './verifier.ts'

const { keys } = v3
const cipher = createCipher(keys.apiv3_key)
const otherAppId = 'wx0b2c3d4e5f607182'

interface Circumstances {
  nowMs?: number
  apiV3Cipher?: Cipher
  /** What a download would bring. */
  certificates?: PlatformCertificates
}

function open(
  body: string | Buffer,
  headers: IncomingHttpHeaders,
  circumstances: Circumstances = {},
): Promise<PaymentNotice | RefundNotice> {
  const { nowMs = vectorsNow, apiV3Cipher = cipher, certificates: listed = new Map() } = circumstances
  const now = () => nowMs
  const publicKey = { id: keys.wechatpay_public_key.id, key: wechatPublicKey }
  const ring = createKeyRing({ publicKey, download: () => Promise.resolve(listed), now })
  const account = readAccount({ appId: keys.appid, mchId: keys.mchid, otherAppIds: [otherAppId] })
  const parts = { account, cipher: apiV3Cipher, verify: createVerifier({ ring, now }) }
  return openNotice(parts, headers, Buffer.from(body))
}

const { serial_no, certificate_pem } = keys.platform_cert_new
const certificates: PlatformCertificates = new Map([
  [serial_no, { key: new X509Certificate(certificate_pem).publicKey, expiresAtMs: Number.MAX_SAFE_INTEGER }],
])

function vectorOf(name: string) {
  const vector = v3.notices.find((one) => one.name === name)
  if (!vector) throw new Error(`no vector ${name}`)
  return vector
}

/** Signed by WeChat, whatever it says. */
const openSigned = (notice: unknown) => {
  const body = typeof notice === 'string' ? notice : JSON.stringify(notice)
  return open(body, signatureOf(body))
}

const good = noticeOf()
const text = JSON.stringify(good)
const resourceWith = (change: Record<string, unknown>) => ({ ...good, resource: { ...good.resource, ...change } })

describe('a notice of a payment', () => {
  it('is opened into our words', async () => {
    expect(await openSigned(good)).toEqual({
      protocol: 'v3',
      noticeId: '8dc45bdd-2033-595b-9c93-a23635cc7ede',
      requestId: '08F5B8C2B506-0',
      raw: text,
      outcome: 'paid',
      trade: {
        outTradeNo: 'ORDER20260101000001',
        transactionId: '4200001234202601010000000001',
        totalFen: 2990,
        currency: 'CNY',
        payerFen: 2490,
        paidAt: new Date('2026-01-01T08:05:12+08:00'),
        openId: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
      },
    })
  })

  it('is opened when it is about another app of the merchant', async () => {
    expect(await openSigned(noticeOf({ ...paidTransaction, appid: otherAppId }))).toMatchObject({ outcome: 'paid' })
  })

  it('may have 64 KiB, to the byte', async () => {
    const largest = text + ' '.repeat(maxNoticeBytes - Buffer.byteLength(text))
    expect(await openSigned(largest)).toMatchObject({ outcome: 'paid' })
  })

  it('need not have WeChat’s number of the delivery', async () => {
    expect(await open(text, { ...signatureOf(text), 'request-id': undefined })).not.toHaveProperty('requestId')
  })

  it('may hold what no page lists, in any order, and escape what it likes', async () => {
    const escaped = JSON.stringify({ more: [1], ...good, id: undefined, summary: undefined }).replace(
      '{"more"',
      '{ "id":"8dc4\\u0035bdd","summary":"\\u652f\\u4ed8\\u6210\\u529f","url":"https:\\/\\/a",\n"more"',
    )
    expect(await openSigned(escaped)).toMatchObject({ noticeId: '8dc45bdd', outcome: 'paid' })
    expect(await openSigned(noticeOf(JSON.stringify(paidTransaction).replaceAll('/', '\\/')))).toMatchObject({ outcome: 'paid' })
  })

  it.each(['transaction_success_public_key', 'transaction_success_platform_cert'])('of the vector %s is opened', async (name) => {
    const { headers, body, now_for_test } = vectorOf(name)
    expect(await open(body, lowerCase(headers), { nowMs: now_for_test * 1000, certificates })).toMatchObject({
      noticeId: '8dc45bdd-2033-595b-9c93-a23635cc7ede',
      outcome: 'paid',
      trade: { outTradeNo: 'ORDER20260101000001', totalFen: 2990, payerFen: 2990 },
    })
  })

  it('of the vector for a refund is opened into our words, too', async () => {
    const vector = vectorOf('refund_success_public_key')
    expect(await open(vector.body, lowerCase(vector.headers), { nowMs: vector.now_for_test * 1000 })).toEqual({
      protocol: 'v3',
      noticeId: parsedId(vector.body),
      requestId: expect.any(String),
      raw: vector.body,
      outcome: 'refund',
      refund: {
        outTradeNo: 'ORDER20260101000001',
        transactionId: '4200001234202601010000000001',
        outRefundNo: 'REFUND20260101000001',
        refundId: '50300000012026010100000000001',
        totalFen: 2990,
        refundFen: 990,
        state: 'success',
        succeededAt: new Date('2026-01-01T09:00:30+08:00'),
        payerRefundFen: 990,
        receivedAccount: '支付用户零钱',
      },
    })
  })

  it.each(['signtest_probe', 'signtest_probe_bad_base64'])(
    'R8 of the vector %s is refused as a probe, which is no forgery and no alarm',
    async (name) => {
      const vector = vectorOf(name)
      const refusal = await errorOf(open(vector.body, lowerCase(vector.headers), { nowMs: vector.now_for_test * 1000 }))
      expect(refusal).toBeInstanceOf(NoticeRefusedError)
      expect(refusal).toMatchObject({ reason: 'probe', authentic: false })
    },
  )

  it('R8 that was probed is opened when it comes again with the right signature', async () => {
    expect(await errorOf(open(text, probeOf(text)))).toMatchObject({ reason: 'probe' })
    expect(await open(text, signatureOf(text))).toMatchObject({ outcome: 'paid' })
  })
})

describe('R5 a notice is refused before anything is read from it when it', () => {
  const signed = signatureOf(text)
  it.each<[string, string, string | Buffer, IncomingHttpHeaders]>([
    ['is too large', 'too-large', ' '.repeat(maxNoticeBytes + 1), signatureOf(' '.repeat(maxNoticeBytes + 1))],
    ['is v2’s XML', 'malformed', '<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>', {}],
    ['has no headers', 'missing-header', text, {}],
    ...['timestamp', 'nonce', 'signature', 'serial'].map(
      (name) =>
        [`has no ${name}`, 'missing-header', text, { ...signed, [`wechatpay-${name}`]: undefined }] as [
          string,
          string,
          string,
          IncomingHttpHeaders,
        ],
    ),
    ['has a timestamp that is no number', 'malformed', text, { ...signed, 'wechatpay-timestamp': 'now' }],
    ['was signed 301 s ago', 'stale', text, signatureOf(text, { nowMs: vectorsNow - 301_000 })],
    ['was signed 301 s from now', 'stale', text, signatureOf(text, { nowMs: vectorsNow + 301_000 })],
    [
      'is signed with another public key',
      'unknown-key',
      text,
      { ...signed, 'wechatpay-serial': 'PUB_KEY_ID_0119000001092025010100389200000002' },
    ],
    ['is signed with a certificate that is not known', 'unknown-key', text, signatureOf(text, { key: oldCertificate })],
    ['has a signature of another type', 'wrong-signature', text, { ...signed, 'wechatpay-signature-type': 'WECHATPAY2-SM2-WITH-SM3' }],
    ['was changed by one byte', 'wrong-signature', text.replace('支付成功', '支付成巧'), signed],
    ['was parsed and written again', 'wrong-signature', JSON.stringify(JSON.parse(text), undefined, 1), signed],
    ['has a byte order mark in front', 'wrong-signature', `\ufeff${text}`, signed],
  ])('%s (%s)', async (_name, reason, body, headers) => {
    const refusal = await errorOf(open(body, headers))
    expect(refusal).toBeInstanceOf(NoticeRefusedError)
    expect(refusal).toMatchObject({ reason, authentic: false })
  })
})

describe('R5 a notice that WeChat has signed is refused as authentic when it', () => {
  const flipped = `${good.resource.ciphertext.slice(0, -8)}${good.resource.ciphertext.slice(-8, -7) === 'A' ? 'B' : 'A'}${good.resource.ciphertext.slice(-7)}`
  it.each<[string, string, unknown]>([
    ['is not JSON', 'malformed', 'success'],
    ['is empty', 'malformed', ''],
    ['is a list', 'malformed', `[${text}]`],
    ['is null', 'malformed', 'null'],
    ['is text', 'malformed', '"notice"'],
    ['is cut', 'malformed', text.slice(0, -1)],
    ['has no id', 'missing-field', { ...good, id: undefined }],
    ['has an id that is a number', 'malformed', { ...good, id: 1 }],
    ['has no event', 'missing-field', { ...good, event_type: undefined }],
    ['is about a refund', 'unsupported', { ...good, event_type: 'REFUND.SUCCESS' }],
    ['is about another event', 'unsupported', { ...good, event_type: 'toString' }],
    ['holds something else than a transaction', 'unsupported', resourceWith({ original_type: 'refund' })],
    ['is encrypted by another algorithm', 'unsupported', resourceWith({ algorithm: 'AEAD_SM4_GCM' })],
    ['names no algorithm', 'missing-field', resourceWith({ algorithm: undefined })],
    ['has no resource', 'missing-field', { ...good, resource: undefined }],
    ['has a resource that is text', 'malformed', { ...good, resource: 'x' }],
    ['has its resource in the prototype', 'missing-field', `{"__proto__":${text},"id":"1","event_type":"TRANSACTION.SUCCESS"}`],
    ['has a flipped tag', 'undecryptable', resourceWith({ ciphertext: flipped })],
    ['has other associated data', 'undecryptable', resourceWith({ associated_data: 'refund' })],
    ['has no associated data', 'undecryptable', resourceWith({ associated_data: undefined })],
    ['has a cut ciphertext', 'undecryptable', resourceWith({ ciphertext: good.resource.ciphertext.slice(0, -5) })],
    ['has a ciphertext that is a list', 'malformed', resourceWith({ ciphertext: [good.resource.ciphertext] })],
    ['has a short nonce', 'undecryptable', resourceWith({ nonce: 'MpigGQPjeIT' })],
    ['holds what is not JSON', 'malformed', noticeOf('success')],
    ['holds a list', 'malformed', noticeOf('[]')],
    ['is for another appid', 'wrong-merchant', noticeOf({ ...paidTransaction, appid: 'wxd678efh567hg6788' })],
    ['is for another merchant', 'wrong-merchant', noticeOf({ ...paidTransaction, mchid: '1900000110' })],
    ['is for nobody', 'missing-field', noticeOf({ ...paidTransaction, mchid: undefined })],
    ['is of a partner', 'missing-field', noticeOf({ ...paidTransaction, appid: undefined, sp_appid: keys.appid })],
    ...['REFUND', 'NOTPAY', 'CLOSED', 'REVOKED', 'USERPAYING', 'PAYERROR', 'ACCEPT'].map(
      (trade_state) =>
        [`says ${trade_state}`, 'not-successful', noticeOf({ ...paidTransaction, trade_state })] as [string, string, unknown],
    ),
    ['says a state that nobody knows', 'malformed', noticeOf({ ...paidTransaction, trade_state: 'PAID' })],
    ['says no state', 'missing-field', noticeOf({ ...paidTransaction, trade_state: undefined })],
    ['has its state in the prototype', 'missing-field', noticeOf(`{"__proto__":${JSON.stringify(paidTransaction)}}`)],
    ['has no amount', 'missing-field', noticeOf({ ...paidTransaction, amount: undefined })],
    ['has an amount that is text', 'malformed', noticeOf({ ...paidTransaction, amount: { ...paidTransaction.amount, total: '2990' } })],
    ['has no number of ours', 'missing-field', noticeOf({ ...paidTransaction, out_trade_no: '' })],
    ['has a number of ours that is a number', 'malformed', noticeOf({ ...paidTransaction, out_trade_no: 20260101000001 })],
    ['has a time without an offset', 'malformed', noticeOf({ ...paidTransaction, success_time: '2026-01-01T08:05:12' })],
  ])('%s (%s)', async (_name, reason, notice) => {
    const refusal = await errorOf(openSigned(notice))
    expect(refusal).toBeInstanceOf(NoticeRefusedError)
    expect(refusal).toMatchObject({ reason, authentic: true })
  })

  it('was encrypted with another key than ours (undecryptable)', async () => {
    const refusal = await errorOf(open(text, signatureOf(text), { apiV3Cipher: createCipher('x'.repeat(32)) }))
    expect(refusal).toMatchObject({ reason: 'undecryptable', authentic: true })
  })

  it('and is a forgery, not authentic, when the signature is wrong too', async () => {
    for (const notice of [resourceWith({ ciphertext: flipped }), noticeOf({ ...paidTransaction, mchid: '1900000110' })])
      expect(await errorOf(open(JSON.stringify(notice), signatureOf(text)))).toMatchObject({ reason: 'wrong-signature', authentic: false })
  })

  it('tells no value of it', async () => {
    const refusal = await errorOf(openSigned(noticeOf({ ...paidTransaction, transaction_id: 'TELLTALE', success_time: 'TELLTALE' })))
    expect(refusal).toMatchObject({ message: 'notice refused, malformed: success_time is unreadable' })
  })
})

describe('the reply to a notice', () => {
  it('that was accepted is 204, with nothing in it', () => {
    expect(noticeReplies.accepted()).toMatchObject({ status: 204, body: '' })
  })

  it.each([
    ['wrong-signature', 401],
    ['probe', 401],
    ['unknown-key', 401],
    ['stale', 401],
    ['missing-header', 401],
    ['malformed', 400],
    ['undecryptable', 400],
    ['wrong-merchant', 400],
    ['too-large', 400],
    ['method', 400],
  ])('that was refused as %s is %i, FAIL and why', (reason, status) => {
    expect(noticeReplies.refused(reason)).toEqual({
      status,
      contentType: 'application/json; charset=utf-8',
      body: JSON.stringify({ code: 'FAIL', message: reason }),
    })
  })

  it('asks for the notice again when the fault is ours', () => {
    const { status, body } = noticeReplies.failed()
    expect(status).toBe(503)
    expect(JSON.parse(body)).toMatchObject({ code: 'FAIL' })
  })

  it('is short and plain JSON, whatever the reason holds', () => {
    const { body } = noticeReplies.refused(`"}\u0000😀${'x'.repeat(1_000)}`)
    expect(JSON.parse(body)).toEqual({ code: 'FAIL', message: `"}???${'x'.repeat(123)}` })
  })
})

function parsedId(body: string): string | undefined {
  return /"id":"([^"]+)"/.exec(body)?.[1]
}

describe('a notice of a refund', () => {
  it.each([
    ['CLOSED', 'closed'],
    ['ABNORMAL', 'abnormal'],
  ])('tells %s, without a time', async (status, state) => {
    const resource = { ...refundResource, refund_status: status, success_time: undefined }
    const notice = await openSigned(refundNoticeOf(resource, `REFUND.${status}`))
    expect(notice).toMatchObject({ outcome: 'refund', refund: { state, succeededAt: null } })
  })

  it('needs neither an appid, nor what no refund is booked by', async () => {
    const resource = { ...refundResource, user_received_account: '', amount: { total: 2990, refund: 990 } }
    expect(await openSigned(refundNoticeOf(resource))).toMatchObject({
      outcome: 'refund',
      refund: { receivedAccount: null, payerRefundFen: null },
    })
  })

  it.each([
    ['an event and a state that do not agree', refundNoticeOf(refundResource, 'REFUND.CLOSED'), 'malformed'],
    ['progress, which is not announced', refundNoticeOf({ ...refundResource, refund_status: 'PROCESSING' }), 'malformed'],
    ['a state that no page lists', refundNoticeOf({ ...refundResource, refund_status: 'FAIL' }), 'malformed'],
    ['an event that no page lists', refundNoticeOf(refundResource, 'REFUND.PROCESSING'), 'unsupported'],
    ['an answer’s name for the state', refundNoticeOf({ ...refundResource, refund_status: undefined, status: 'SUCCESS' }), 'missing-field'],
    ['another merchant', refundNoticeOf({ ...refundResource, mchid: '1900000999' }), 'wrong-merchant'],
    ['no merchant', refundNoticeOf({ ...refundResource, mchid: undefined }), 'missing-field'],
    ['no amount', refundNoticeOf({ ...refundResource, amount: undefined }), 'missing-field'],
    ['an amount in text', refundNoticeOf({ ...refundResource, amount: { total: 2990, refund: '990' } }), 'malformed'],
    ['a negative amount', refundNoticeOf({ ...refundResource, amount: { total: 2990, refund: -990 } }), 'malformed'],
    ['another currency', refundNoticeOf({ ...refundResource, amount: { total: 2990, refund: 990, currency: 'USD' } }), 'malformed'],
    ['no time that can be read', refundNoticeOf({ ...refundResource, success_time: '2026-01-01 09:00:30' }), 'malformed'],
    ['a payment inside', refundNoticeOf(paidTransaction), 'missing-field'],
    ['a payment’s type', { ...noticeOf(), event_type: 'REFUND.SUCCESS' }, 'unsupported'],
    ['a payment’s event', { ...refundNoticeOf(), event_type: 'TRANSACTION.SUCCESS' }, 'unsupported'],
  ])('with %s is refused, and somebody looks at it', async (_case, notice, reason) => {
    expect(await errorOf(openSigned(notice))).toMatchObject({ reason, authentic: true })
  })
})
