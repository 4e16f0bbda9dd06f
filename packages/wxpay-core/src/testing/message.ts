import { createSigner, type SignType } from '../protocol/v2/sign.ts'
import { writeXml } from '../protocol/v2/xml.ts'
import { merchant } from './fixtures.ts'

/** Fields of a message; undefined leaves a field out. */
export type Parts = Readonly<Record<string, string | undefined>>

export const answerParts: Parts = {
  return_code: 'SUCCESS',
  return_msg: 'OK',
  appid: merchant.appId,
  mch_id: merchant.mchId,
  nonce_str: 'Rk5uGf0VbQ2hYxNe',
  result_code: 'SUCCESS',
}

export const paidParts: Parts = {
  openid: 'oDocs5aX1tVbQ9rLkEwZ3yPn7mUc',
  bank_type: 'OTHERS',
  total_fee: '4580',
  fee_type: 'CNY',
  cash_fee: '4080',
  transaction_id: '4200009042202603017754120386',
  out_trade_no: 'QH20260301000017',
  time_end: '20260301101742',
}

export function unsignedMessage(parts: Parts): string {
  return writeXml(present(parts))
}

export function signedMessage(parts: Parts, signType: SignType = 'MD5', key: string = merchant.key): string {
  const fields = new Map(present(parts))
  return writeXml([...fields, ['sign', createSigner(key, signType).sign(fields)]])
}

function present(parts: Parts): (readonly [string, string])[] {
  return Object.entries(parts).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
}
