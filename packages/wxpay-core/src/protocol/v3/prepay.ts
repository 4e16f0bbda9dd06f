import type { KeyObject } from 'node:crypto'
import type { V3H5Prepay, V3JsapiPrepay, V3NativePrepay } from '../../wire/index.ts'
import type { Account } from '../account.ts'
import type { PaymentAction, Prepaid, PrepayRequest } from '../port.ts'
import { readAnswer, traceOf, type Call } from './call.ts'
import { signJsapiInvoke } from './invoke.ts'
import { readText } from './json.ts'
import { refusal } from './refusal.ts'
import { toRfc3339 } from './rfc3339.ts'

export interface PrepayParts {
  call: Call
  account: Account
  /** Signs what opens a payment inside WeChat: the key of the create, WeChat wants. */
  privateKey: KeyObject
  nonce: () => string
  /** Wall clock in ms. */
  now: () => number
}

/**
 * Creates a trade at WeChat, or asks again for what opens one: the same request under the same number is one trade.
 *
 * A refusal whose meaning is not `other` tells that the trade exists already: query it.
 *
 * @throws {WechatRefusedError} @throws {WechatUnknownOutcomeError}
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012791877 Native
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012791856 JSAPI, and mini programs
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012791834 H5
 */
export async function prepay(parts: PrepayParts, request: PrepayRequest): Promise<Prepaid> {
  const path = `/v3/pay/transactions/${request.tradeType}`
  const answer = await parts.call({ method: 'POST', path, body: JSON.stringify(bodyOf(parts.account, request)) })
  if (answer.result === 'refused') throw refusal(path, answer)
  // The forms of a code, an address and an id are not fixed: they are handed on as they are.
  const read = (name: string) => readAnswer(path, answer, () => readText(answer.json, name))
  return { ...(await openerOf(parts, request, read)), ...traceOf(answer) }
}

type Opener = Pick<Prepaid, 'action' | 'prepayId'>

async function openerOf(parts: PrepayParts, request: PrepayRequest, read: (name: string) => string): Promise<Opener> {
  switch (request.tradeType) {
    case 'native':
      return { action: { tradeType: 'native', codeUrl: read('code_url') } }
    case 'h5':
      return { action: { tradeType: 'h5', url: read('h5_url') } }
    case 'jsapi': {
      const prepayId = read('prepay_id')
      return { action: await inWechat(parts, { appId: request.appId, prepayId }), prepayId }
    }
  }
}

async function inWechat({ privateKey, nonce, now }: PrepayParts, prepaid: { appId: string; prepayId: string }): Promise<PaymentAction> {
  const moment = { timestamp: Math.floor(now() / 1000), nonce: nonce() }
  return { tradeType: 'jsapi', invoke: await signJsapiInvoke({ ...prepaid, privateKey }, moment) }
}

/** A pure function of the stored request, so that a repeat is the same call. */
function bodyOf({ appId, mchId }: Account, request: PrepayRequest): V3NativePrepay | V3JsapiPrepay | V3H5Prepay {
  const order: V3NativePrepay = {
    appid: request.tradeType === 'jsapi' ? request.appId : appId,
    mchid: mchId,
    description: request.description,
    out_trade_no: request.outTradeNo,
    time_expire: toRfc3339(request.expiresAt),
    notify_url: request.notifyUrl,
    amount: { total: request.totalFen, currency: 'CNY' },
  }
  switch (request.tradeType) {
    case 'native':
      return order // no scene_info: its address would have to be the payer's, who is not known yet
    case 'jsapi':
      return { ...order, payer: { openid: request.openId } }
    case 'h5':
      return { ...order, scene_info: { payer_client_ip: request.clientIp, h5_info: { type: request.device } } }
  }
}
