import { createCipheriv, createPrivateKey, type KeyObject, randomBytes, sign } from 'node:crypto'
import type { Message } from './forgery.ts'
import { paths } from './forgery.ts'
import type { Json } from './json.ts'

/**
 * AEAD_AES_256_GCM.
 *
 * @param key - 32 characters
 * @param nonce - 12 characters
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012071382
 */
export function seal(text: string, { key, nonce, associatedData }: { key: string; nonce: string; associatedData: string }): string {
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key), Buffer.from(nonce))
  cipher.setAAD(Buffer.from(associatedData))
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64')
}

export interface Signing {
  privateKey: string
  serial: string
  /** Seconds; now when left out. */
  timestamp?: string
}

/** Signed over exactly these bytes. @see https://pay.weixin.qq.com/doc/v3/merchant/4013053420 */
export function signed(body: string | Buffer, { privateKey, serial, timestamp = String(seconds()) }: Signing): Message {
  const nonce = randomBytes(16).toString('hex')
  const text = Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), Buffer.from(body), Buffer.from('\n')])
  return {
    path: paths.v3,
    headers: {
      'content-type': 'application/json',
      'wechatpay-timestamp': timestamp,
      'wechatpay-nonce': nonce,
      'wechatpay-signature': sign('RSA-SHA256', text, parsed(privateKey)).toString('base64'),
      'wechatpay-serial': serial,
      'wechatpay-signature-type': 'WECHATPAY2-SHA256-RSA2048',
    },
    body,
  }
}

export function seconds(): number {
  return Math.floor(Date.now() / 1000)
}

const keys = new Map<string, KeyObject>()

function parsed(pem: string): KeyObject {
  const key = keys.get(pem) ?? createPrivateKey(pem)
  keys.set(pem, key)
  return key
}

/** All that a notice says of a payment, under its seal. @see https://pay.weixin.qq.com/doc/v3/merchant/4012791861 */
export function paidTransaction(about: {
  appId: string
  mchId: string
  outTradeNo: string
  totalFen: number
  transactionId: string
}): Json {
  return {
    transaction_id: about.transactionId,
    amount: { payer_total: about.totalFen, total: about.totalFen, currency: 'CNY', payer_currency: 'CNY' },
    mchid: about.mchId,
    trade_state: 'SUCCESS',
    bank_type: 'OTHERS',
    success_time: '2026-11-21T12:00:00+08:00',
    payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
    out_trade_no: about.outTradeNo,
    appid: about.appId,
    trade_state_desc: '支付成功',
    trade_type: 'NATIVE',
    attach: '',
  }
}
