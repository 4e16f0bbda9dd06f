import { constants, privateDecrypt } from 'node:crypto'
import type { Refund } from '../refunds/refund.ts'
import type { Backend } from './backend.ts'
import { checkFields } from './fields.ts'
import type { Call } from './gate.ts'
import { presentRefund } from './refund.ts'
import { noResource } from './refundRefusals.ts'
import { abnormalRules, banks } from './refundRules.ts'
import { internalCodes, Refused } from './refusal.ts'

/**
 * Sends money on whose way was closed (status ABNORMAL), to another card of the payer or to the merchant's own. The path names WeChat's refund_id.
 *
 * @throws {Refused}
 * @see 发起异常退款, APIv3
 */
export function applyAbnormalRefund(call: Call, backend: Backend) {
  const { body, parameter, merchant } = call
  checkFields(body, abnormalRules, 'body')
  const found = backend.ledger.refunds.byId(parameter)
  if (found?.mchid !== merchant.mchid || found.outRefundNo !== body['out_refund_no']) throw noResource('退款单不存在')
  const way = readWay(call)
  if (found.status !== 'ABNORMAL')
    throw new Refused({ status: 400, code: 'INVALID_REQUEST', message: '退款单状态不是退款异常', reason: `the refund is ${found.status}` }) // our wording
  return presentRefund(backend.desk.redirect(found, way), backend)
}

function readWay(call: Call): Pick<Refund, 'channel' | 'receivedAccount'> {
  const { type, bank_type: bankType, bank_account: account, real_name: name } = call.body
  if (type === 'MERCHANT_BANK_CARD') return { channel: 'OTHER_BANKCARD', receivedAccount: '商户结算银行账户' }
  if (typeof bankType !== 'string' || typeof account !== 'string' || typeof name !== 'string')
    throw wrong(
      '退款至用户银行卡时，开户银行、收款银行卡号和收款用户姓名必填',
      'USER_BANK_CARD needs bank_type, bank_account and real_name',
    )
  const number = open(account, call)
  open(name, call)
  return { channel: 'OTHER_BANKCARD', receivedAccount: `${banks[bankType] ?? ''}借记卡${number.slice(-4)}` }
}

/** RSA-OAEP (SHA-1), to the key that Wechatpay-Serial names: 敏感信息加解密, APIv3 */
function open(encrypted: string, { namedSerial, merchant: { platform } }: Call): string {
  const keys = [{ serial: platform.publicKeyId, privateKey: platform.privateKey }, ...platform.certificates]
  const key = keys.find(({ serial }) => serial === namedSerial)
  if (!key) throw wrong('平台证书序列号Wechatpay-Serial错误', 'the header Wechatpay-Serial names none of WeChat’s keys')
  try {
    return privateDecrypt(
      { key: key.privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
      Buffer.from(encrypted, 'base64'),
    ).toString('utf8')
  } catch {
    throw wrong('敏感信息解密失败', 'a field is not encrypted with RSA-OAEP and SHA-1 to the key that Wechatpay-Serial names')
  }
}

const wrong = (message: string, reason: string) =>
  new Refused({ status: 400, code: 'PARAM_ERROR', message, reason, internal: internalCodes.illegalParameter })
