import { hash } from 'node:crypto'
import type { Account } from '../account.ts'
import { NoticeRefusedError } from '../errors.ts'
import { FieldError } from '../fieldError.ts'
import type { RefundHint, RefundNotice } from '../port.ts'
import { readText } from './map.ts'
import { readNoticeXml } from './notice.ts'
import { ReqInfoError, type ReqInfoOpener } from './reqInfo.ts'
import type { Fields } from './sign.ts'
import { MalformedXmlError, readXml } from './xml.ts'

export interface RefundHintParts {
  account: Account
  openReqInfo: ReqInfoOpener
}

/**
 * The one way in for what comes to the address of refunds. The checks are those of a notice, in the same order, with the decryption where
 * the signature would be; nothing here is authentic, and of what is inside only the numbers to ask WeChat by are handed on (rule R20).
 *
 * @throws {NoticeRefusedError}
 * @see https://pay.weixin.qq.com/wiki/doc/api/native.php?chapter=9_16
 */
export function openRefundHint({ account, openReqInfo }: RefundHintParts, raw: Buffer): Extract<RefundNotice, { outcome: 'refund-hint' }> {
  const fields = readNoticeXml(raw)
  if (fields.get('return_code') !== 'SUCCESS') throw new NoticeRefusedError('not-successful', 'return_code is not SUCCESS')
  if (!account.isOurs(fields.get('appid')) || fields.get('mch_id') !== account.mchId)
    throw new NoticeRefusedError('wrong-merchant', 'appid or mch_id is not ours')
  try {
    const inner = readXml(openReqInfo(readText(fields, 'req_info')), 'root')
    const message = { protocol: 'v2', noticeId: hash('sha256', raw, 'hex'), raw: raw.toString('utf8') } as const
    return { ...message, outcome: 'refund-hint', ...readHint(inner) }
  } catch (cause) {
    throw refusalOf(cause)
  }
}

function readHint(fields: Fields): RefundHint {
  return {
    outTradeNo: readNumber(fields, 'out_trade_no'),
    transactionId: readNumber(fields, 'transaction_id'),
    outRefundNo: readNumber(fields, 'out_refund_no'),
    refundId: readNumber(fields, 'refund_id'),
  }
}

/** Blocks may have been exchanged: only what a number can look like is asked about. */
function readNumber(fields: Fields, name: string): string {
  const text = readText(fields, name)
  if (!/^[A-Za-z0-9_\-|*@]{1,64}$/.test(text)) throw new FieldError(name, 'unreadable')
  return text
}

function refusalOf(cause: unknown): unknown {
  if (cause instanceof ReqInfoError) return new NoticeRefusedError(cause.problem, cause.message, { cause })
  if (cause instanceof MalformedXmlError) return new NoticeRefusedError('malformed', `inside of req_info: ${cause.message}`, { cause })
  if (cause instanceof FieldError)
    return new NoticeRefusedError(cause.problem === 'missing' ? 'missing-field' : 'malformed', cause.message, { cause })
  return cause
}
