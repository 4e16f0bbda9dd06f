import type { IncomingHttpHeaders } from 'node:http'
import type { V3NoticeReply } from '../../wire/index.ts'
import type { Account } from '../account.ts'
import { NoticeRefusedError, type NoticeRefusal } from '../errors.ts'
import { FieldError } from '../fieldError.ts'
import {
  maxNoticeBytes,
  type NoticeReply,
  type PaidTrade,
  type PaymentNotice,
  type RefundNotice,
  type RefundState,
  type ReportedRefund,
  type WechatPay,
} from '../port.ts'
import { readRequestId } from './call.ts'
import { UndecryptableError, type Cipher } from './cipher.ts'
import { parseObject, readObject, readOptionalText, readText, type JsonObject } from './json.ts'
import { readPaidTrade, readTradeState } from './map.ts'
import { readRefund } from './refundFields.ts'
import { SignatureError } from './signatureError.ts'
import type { Verify } from './verifier.ts'

export interface NoticeParts {
  account: Account
  cipher: Cipher
  verify: Verify
}

// WeChat waits 5 s for our answer and repeats after 15 s: a download that takes longer helps the repeat.
const patienceMs = 3_000

/**
 * The one way in for a notice, of a payment and of a refund. The order of the checks is the rule (R5): size, headers, clock, key, signature
 * over the bytes, envelope, event and algorithm, decryption, what it holds, appid and mchid. A refusal after the signature is marked authentic.
 *
 * @throws {NoticeRefusedError}
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012791861
 */
export async function openNotice(parts: NoticeParts, headers: IncomingHttpHeaders, raw: Buffer): Promise<PaymentNotice | RefundNotice> {
  if (raw.length > maxNoticeBytes) throw new NoticeRefusedError('too-large', `more than ${maxNoticeBytes} bytes`)
  if (looksLikeXml(raw)) throw new NoticeRefusedError('malformed', 'XML is no notice of this protocol')
  try {
    await parts.verify(headers, raw, () => AbortSignal.timeout(patienceMs))
    return readNotice(parts, raw, readRequestId(headers))
  } catch (cause) {
    throw refusalOf(cause)
  }
}

/** WeChat sends v2's XML, without these headers, for refunds that were begun in its merchant platform. */
function looksLikeXml(raw: Buffer): boolean {
  return raw.at(0) === 0x3c // "<"
}

/** A payment's failure and a refund's progress are not announced. */
const refundStates = new Map<string, RefundState>([
  ['REFUND.SUCCESS', 'success'],
  ['REFUND.CLOSED', 'closed'],
  ['REFUND.ABNORMAL', 'abnormal'],
])

function readNotice({ account, cipher }: NoticeParts, raw: Buffer, requestId: string | undefined): PaymentNotice | RefundNotice {
  const text = raw.toString('utf8')
  const envelope = parseObject(text)
  const message = { protocol: 'v3', noticeId: readText(envelope, 'id'), raw: text, ...(requestId !== undefined && { requestId }) } as const
  const event = readText(envelope, 'event_type')
  const state = refundStates.get(event)
  if (state) {
    const resource = parseObject(decrypt(envelope, 'refund', cipher))
    return { ...message, outcome: 'refund', refund: readRefundOf(account, state, resource) }
  }
  if (event !== 'TRANSACTION.SUCCESS') throw authentic('unsupported', 'event_type is of no payment and no refund')
  const transaction = parseObject(decrypt(envelope, 'transaction', cipher))
  return { ...message, outcome: 'paid', trade: readTradeOf(account, transaction) }
}

function readTradeOf(account: Account, transaction: JsonObject): PaidTrade {
  if (!account.isOurs(readText(transaction, 'appid')) || readText(transaction, 'mchid') !== account.mchId)
    throw authentic('wrong-merchant', 'appid or mchid is not ours')
  const trade = readTradeState(transaction)
  // Only successful payments are announced: a notice that says SUCCESS outside and something else inside is for people to look at.
  if (trade.state !== 'paid' || trade.refunded) throw authentic('not-successful', 'trade_state is not SUCCESS')
  return readPaidTrade(transaction)
}

/** A refund's notice has no appid. */
function readRefundOf({ mchId }: Account, announced: RefundState, resource: JsonObject): ReportedRefund {
  if (readText(resource, 'mchid') !== mchId) throw authentic('wrong-merchant', 'mchid is not ours')
  const refund = readRefund(resource, 'refund_status')
  if (refund.state !== announced) throw authentic('malformed', 'event_type and refund_status do not agree')
  return refund
}

/** Only what is handled is decrypted, and only by the algorithm that is known. */
function decrypt(envelope: JsonObject, type: 'transaction' | 'refund', cipher: Cipher): string {
  const resource = readObject(envelope, 'resource')
  if (readText(resource, 'original_type') !== type) throw authentic('unsupported', `original_type is not ${type}`)
  if (readText(resource, 'algorithm') !== 'AEAD_AES_256_GCM') throw authentic('unsupported', 'algorithm is not AEAD_AES_256_GCM')
  return cipher.decrypt({
    ciphertext: readText(resource, 'ciphertext'),
    nonce: readText(resource, 'nonce'),
    associatedData: readOptionalText(resource, 'associated_data'),
  })
}

function authentic(reason: NoticeRefusal, detail: string, cause?: unknown): NoticeRefusedError {
  return new NoticeRefusedError(reason, detail, { authentic: true, ...(cause !== undefined && { cause }) })
}

/** Fields are read, and texts decrypted, after the signature only. */
function refusalOf(cause: unknown): unknown {
  if (cause instanceof SignatureError) return new NoticeRefusedError(cause.problem, cause.message, { cause })
  if (cause instanceof UndecryptableError) return authentic('undecryptable', cause.message, cause)
  if (cause instanceof FieldError) return authentic(cause.problem === 'missing' ? 'missing-field' : 'malformed', cause.message, cause)
  return cause
}

// Nobody has proved to be WeChat: what 401 says. The others are about what the notice says.
const unproved = new Set<string>(['missing-header', 'stale', 'unknown-key', 'probe', 'wrong-signature'] satisfies NoticeRefusal[])

/** The status is the answer for v3; the body is for people. @see https://pay.weixin.qq.com/doc/v3/merchant/4012791861 */
export const noticeReplies: WechatPay['noticeReplies'] = {
  accepted: () => ({ status: 204, contentType: 'application/json', body: '' }),
  refused: (reason) => reply(unproved.has(reason) ? 401 : 400, plain(reason)),
  failed: () => reply(503, 'please send this notice again'),
}

function reply(status: number, message: string): NoticeReply {
  const body: V3NoticeReply = { code: 'FAIL', message }
  return { status, contentType: 'application/json; charset=utf-8', body: JSON.stringify(body) }
}

/** Short, and of characters that any log can take. */
function plain(reason: string): string {
  return reason.replace(/[^\x20-\x7e]/g, '?').slice(0, 128)
}
