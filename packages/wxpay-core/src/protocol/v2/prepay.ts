import type { Account } from '../account.ts'
import type { PaymentAction, Prepaid, PrepayRequest } from '../port.ts'
import { toBeijingTime } from './beijingTime.ts'
import { readAnswer, type Call } from './call.ts'
import { signJsapiInvoke } from './invoke.ts'
import { readText } from './map.ts'
import { refusal } from './refusal.ts'
import type { Fields, Signer } from './sign.ts'

const path = '/pay/unifiedorder'

export interface PrepayParts {
  call: Call
  account: Account
  signer: Signer
  nonce: () => string
  /** Wall clock in ms: for what opens a payment inside WeChat. */
  now: () => number
}

/**
 * Creates a trade at WeChat, or asks again for what opens one: the same request under the same number is one trade.
 *
 * A refusal whose meaning is not `other` tells that the trade exists already: query it.
 *
 * @throws {WechatRefusedError} @throws {WechatUnknownOutcomeError}
 * @see https://pay.weixin.qq.com/doc/v2/merchant/4011936530
 */
export async function prepay(parts: PrepayParts, request: PrepayRequest): Promise<Prepaid> {
  const answer = await parts.call(path, unifiedOrder(parts.account, request))
  if (answer.result === 'refused') throw refusal(path, answer)
  const { fields, raw } = answer
  const action = readAnswer(path, raw, () => openerOf(parts, request, fields))
  const prepayId = fields.get('prepay_id')
  return { action, ...(prepayId && { prepayId }), raw }
}

/** The forms of a code, an address and an id are not fixed: they are handed on as they are. */
function openerOf({ signer, nonce, now }: PrepayParts, request: PrepayRequest, fields: Fields): PaymentAction {
  switch (request.tradeType) {
    case 'native':
      return { tradeType: 'native', codeUrl: readText(fields, 'code_url') }
    case 'h5':
      return { tradeType: 'h5', url: readText(fields, 'mweb_url') }
    case 'jsapi': {
      const prepaid = { appId: request.appId, prepayId: readText(fields, 'prepay_id') }
      const moment = { timestamp: Math.floor(now() / 1000), nonce: nonce() }
      return { tradeType: 'jsapi', invoke: signJsapiInvoke(signer, prepaid, moment) }
    }
  }
}

/**
 * A pure function of the stored request, so that a repeat is the same call. `attach`, which WeChat would put into the notice, is not sent:
 * v2 signs "a=1&b=2" without escaping, so text of a shopper's choice must not stand among the fields that a signature covers.
 */
function unifiedOrder({ appId }: Account, request: PrepayRequest) {
  return {
    appid: request.tradeType === 'jsapi' ? request.appId : appId,
    body: request.description,
    out_trade_no: request.outTradeNo,
    total_fee: String(request.totalFen),
    spbill_create_ip: request.clientIp,
    time_expire: toBeijingTime(request.expiresAt),
    notify_url: request.notifyUrl,
    ...tradeTypeFields(request),
  }
}

function tradeTypeFields(request: PrepayRequest): { trade_type: string } & Record<string, string> {
  switch (request.tradeType) {
    case 'native':
      // Mandatory for NATIVE, at most 32 characters, without meaning in mode 2: the number of the payment fits and never changes.
      return { trade_type: 'NATIVE', product_id: request.productId ?? request.outTradeNo }
    case 'jsapi':
      return { trade_type: 'JSAPI', openid: request.openId }
    case 'h5':
      return { trade_type: 'MWEB', scene_info: sceneOf(new URL(request.notifyUrl)) }
  }
}

/** Always Wap: IOS and Android are mobile apps in v2, with a bundle's id or a package's name. We are the site that the notices go to. */
function sceneOf({ origin, hostname }: URL): string {
  return JSON.stringify({ h5_info: { type: 'Wap', wap_url: origin, wap_name: hostname } })
}
