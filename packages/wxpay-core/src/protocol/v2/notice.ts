import { hash } from 'node:crypto'
import type { Account } from '../account.ts'
import { NoticeRefusedError } from '../errors.ts'
import { FieldError } from '../fieldError.ts'
import { maxNoticeBytes, type NoticeReply, type PaymentNotice, type WechatPay } from '../port.ts'
import { readPaidTrade, readText } from './map.ts'
import type { Fields, Signer } from './sign.ts'
import { MalformedXmlError, readXml, writeXml } from './xml.ts'

export interface NoticeParts {
  account: Account
  signer: Signer
}

/**
 * The one way in for a payment notice. The order of the checks is the rule (R5): size, XML, return_code, signature over every field,
 * appid and mch_id, and only then what the notice says. A refusal after the signature is marked authentic.
 *
 * @throws {NoticeRefusedError}
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_7
 */
export function openNotice({ account, signer }: NoticeParts, raw: Buffer): PaymentNotice {
  const fields = readNoticeXml(raw)
  if (fields.get('return_code') !== 'SUCCESS') throw new NoticeRefusedError('not-successful', 'return_code is not SUCCESS')
  if (!signer.verify(fields)) throw new NoticeRefusedError('wrong-signature', `sign is not this key's ${signer.signType}`)
  if (!account.isOurs(fields.get('appid')) || fields.get('mch_id') !== account.mchId)
    throw new NoticeRefusedError('wrong-merchant', 'appid or mch_id is not ours', { authentic: true })
  // WeChat signs its answers with the same key. The answer to a query has all that a notice has, and must not become one by being
  // sent here by someone who saw it: only a query's answer has trade_state. (An empty one is not signed, so it says nothing.)
  if (fields.get('trade_state'))
    throw new NoticeRefusedError('malformed', 'trade_state: the answer to a query is not a notice', { authentic: true })
  // v2 gives its notices no number of their own.
  const message = { protocol: 'v2', noticeId: hash('sha256', raw, 'hex'), raw: raw.toString('utf8') } as const
  return { ...message, ...readOutcome(fields) }
}

/** @throws {NoticeRefusedError} */
export function readNoticeXml(raw: Buffer): Fields {
  if (raw.length > maxNoticeBytes) throw new NoticeRefusedError('too-large', `more than ${maxNoticeBytes} bytes`)
  try {
    return readXml(raw)
  } catch (cause) {
    if (cause instanceof MalformedXmlError) throw new NoticeRefusedError('malformed', cause.message, { cause })
    throw cause
  }
}

type Outcome = PaymentNotice extends infer Notice
  ? Notice extends PaymentNotice
    ? Omit<Notice, 'protocol' | 'noticeId' | 'raw'>
    : never
  : never

function readOutcome(fields: Fields): Outcome {
  try {
    const result = readText(fields, 'result_code')
    if (result === 'SUCCESS') return { outcome: 'paid', trade: readPaidTrade(fields) }
    if (result !== 'FAIL') throw new FieldError('result_code', 'unreadable')
    return {
      outcome: 'failed',
      outTradeNo: readText(fields, 'out_trade_no'),
      code: fields.get('err_code') ?? '',
      description: fields.get('err_code_des') ?? '',
    }
  } catch (cause) {
    throw fieldRefusal(cause)
  }
}

/** Fields are read after the signature only. */
export function fieldRefusal(cause: unknown): unknown {
  if (!(cause instanceof FieldError)) return cause
  return new NoticeRefusedError(cause.problem === 'missing' ? 'missing-field' : 'malformed', cause.message, { authentic: true, cause })
}

/** The XML is the answer for v2; the status says the same to whoever reads only that. */
export const noticeReplies: WechatPay['noticeReplies'] = {
  accepted: () => reply(200, 'SUCCESS', 'OK'),
  refused: (reason) => reply(400, 'FAIL', plain(reason)),
  failed: () => reply(503, 'FAIL', 'please send this notice again'),
}

function reply(status: number, code: 'SUCCESS' | 'FAIL', message: string): NoticeReply {
  const body = writeXml([
    ['return_code', code],
    ['return_msg', message],
  ])
  return { status, contentType: 'text/xml; charset=utf-8', body }
}

/** return_msg takes 128 characters; whatever the reason holds, the reply must be XML. */
export function plain(reason: string): string {
  return reason.replace(/[^\x20-\x7e]/g, '?').slice(0, 128)
}
