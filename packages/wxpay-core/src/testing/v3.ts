import { createPrivateKey, createPublicKey, sign, X509Certificate, type KeyObject } from 'node:crypto'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import vectors from '../../fixtures/v3/vectors.json' with { type: 'json' }
import { createCipher } from '../protocol/v3/cipher.ts'
import type { V3Certificates, V3Notice, V3RefundNoticeResource, V3Transaction } from '../wire/index.ts'

/** Keys, signatures, notices and more (see fixtures/README.md). */
export const v3 = vectors

const { keys } = vectors

/** A key of WeChat's, with the private half: tests stand on its side too. */
export interface WechatKey {
  serial: string
  privateKey: KeyObject
}

export const publicKey: WechatKey = {
  serial: keys.wechatpay_public_key.id,
  privateKey: createPrivateKey(keys.wechatpay_public_key.private_key_pem),
}
export const oldCertificate: WechatKey = {
  serial: keys.platform_cert_old.serial_no,
  privateKey: createPrivateKey(keys.platform_cert_old.private_key_pem),
}
export const newCertificate: WechatKey = {
  serial: keys.platform_cert_new.serial_no,
  privateKey: createPrivateKey(keys.platform_cert_new.private_key_pem),
}
export const merchantPublicKey: KeyObject = new X509Certificate(keys.merchant.certificate_pem).publicKey
export const wechatPublicKey: KeyObject = createPublicKey(keys.wechatpay_public_key.public_key_pem)

/** The moment of the vectors' requests, 2026-01-01T08:00:00+08:00, in ms. */
export const vectorsNow = 1_767_225_600_000

/** As node:http hands them over: names in lower case. */
export function lowerCase(headers: Readonly<Record<string, string>>): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

let nonces = 0

/** The headers with which WeChat signs a body. */
export function signatureOf(body: string, { key = publicKey, nowMs = vectorsNow }: { key?: WechatKey; nowMs?: number } = {}) {
  const timestamp = String(Math.floor(nowMs / 1000))
  const nonce = `nonce${++nonces}`
  const message = Buffer.from(`${timestamp}\n${nonce}\n${body}\n`)
  return {
    'wechatpay-timestamp': timestamp,
    'wechatpay-nonce': nonce,
    'wechatpay-serial': key.serial,
    'wechatpay-signature': sign('RSA-SHA256', message, key.privateKey).toString('base64'),
    'wechatpay-signature-type': 'WECHATPAY2-SHA256-RSA2048',
    'request-id': '08F5B8C2B506-0',
  }
}

/** A probe of receivers: as long as a signature, decodable, never right. */
export function probeOf(body: string): ReturnType<typeof signatureOf> {
  const signed = signatureOf(body)
  return { ...signed, 'wechatpay-signature': `WECHATPAY/SIGNTEST/${signed['wechatpay-signature'].slice(19)}` }
}

/** Answers with a signed body. */
export function answerSigned(response: ServerResponse, body: unknown, key: WechatKey = publicKey): void {
  const text = JSON.stringify(body)
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', ...signatureOf(text, { key }) }).end(text)
}

/** Answers with an error, which WeChat does not sign. */
export function answerError(response: ServerResponse, status: number, code: string, message = 'no'): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'request-id': '08F5B8C2B506-268435461' })
    .end(JSON.stringify({ code, message }))
}

export const paidTransaction = {
  mchid: keys.mchid,
  appid: keys.appid,
  out_trade_no: 'ORDER20260101000001',
  transaction_id: '4200001234202601010000000001',
  trade_type: 'NATIVE',
  trade_state: 'SUCCESS',
  trade_state_desc: '支付成功',
  bank_type: 'OTHERS',
  attach: '',
  success_time: '2026-01-01T08:05:12+08:00',
  payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
  amount: { total: 2990, payer_total: 2490, currency: 'CNY', payer_currency: 'CNY' },
} satisfies V3Transaction

const cipher = createCipher(keys.apiv3_key)

export const refundResource = {
  mchid: keys.mchid,
  out_trade_no: 'ORDER20260101000001',
  transaction_id: '4200001234202601010000000001',
  out_refund_no: 'REFUND20260101000001',
  refund_id: '50300000012026010100000000001',
  refund_status: 'SUCCESS',
  success_time: '2026-01-01T09:00:30+08:00',
  user_received_account: '支付用户零钱',
  amount: { total: 2990, refund: 990, payer_total: 2990, payer_refund: 990 },
} satisfies V3RefundNoticeResource

/** The notice of a refund around whatever it is to hold. */
export function refundNoticeOf(resource: unknown = refundResource, event_type = 'REFUND.SUCCESS') {
  const notice = noticeOf(resource, 'refund')
  return { ...notice, event_type, summary: '退款', resource: { ...notice.resource, original_type: 'refund' } }
}

/** A notice as WeChat builds it, around whatever it is to hold. */
export function noticeOf(resource: unknown = paidTransaction, associated_data = 'transaction') {
  const nonce = 'MpigGQPjeITf'
  const text = typeof resource === 'string' ? resource : JSON.stringify(resource)
  const ciphertext = cipher.encrypt(text, { nonce, associatedData: associated_data })
  return {
    id: '8dc45bdd-2033-595b-9c93-a23635cc7ede',
    create_time: '2026-01-01T08:05:13+08:00',
    resource_type: 'encrypt-resource',
    event_type: 'TRANSACTION.SUCCESS',
    summary: '支付成功',
    resource: { original_type: 'transaction', algorithm: 'AEAD_AES_256_GCM', ciphertext, associated_data, nonce },
  } satisfies V3Notice
}

/** The answer to GET /v3/certificates. */
export function certificatesOf(...certificates: { serial_no: string; certificate_pem: string }[]): V3Certificates {
  return {
    data: certificates.map(({ serial_no, certificate_pem }) => ({
      serial_no,
      effective_time: '2025-01-01T08:00:00+08:00',
      expire_time: '2029-12-31T08:00:00+08:00',
      encrypt_certificate: {
        algorithm: 'AEAD_AES_256_GCM',
        nonce: '61f9c719728a',
        associated_data: 'certificate',
        ciphertext: cipher.encrypt(certificate_pem, { nonce: '61f9c719728a', associatedData: 'certificate' }),
      },
    })),
  }
}
