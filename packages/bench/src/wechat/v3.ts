import { createCipheriv, createSecretKey, randomBytes, randomUUID, sign, type KeyObject } from 'node:crypto'
import type { Paid } from './v2.ts'

/** What a notice is made with: WeChat's private key, and the merchant's API v3 key. */
export interface NoticeKeys {
  keyId: string
  privateKey: KeyObject
  apiV3Key: string
}

export interface SignedNotice {
  noticeId: string
  headers: Record<string, string>
  body: string
}

/**
 * A payment notice of protocol v3 with Node's own means.
 *
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012791882
 */
export function signedNotice(paid: Paid, { keyId, privateKey, apiV3Key }: NoticeKeys, now: Date): SignedNotice {
  const noticeId = randomUUID()
  const nonce = randomBytes(6).toString('hex')
  const body = JSON.stringify({
    id: noticeId,
    create_time: beijing(now),
    resource_type: 'encrypt-resource',
    event_type: 'TRANSACTION.SUCCESS',
    summary: '支付成功',
    resource: {
      original_type: 'transaction',
      algorithm: 'AEAD_AES_256_GCM',
      ciphertext: seal(JSON.stringify(transaction(paid, now)), apiV3Key, nonce),
      associated_data: 'transaction',
      nonce,
    },
  })
  const timestamp = String(Math.floor(now.getTime() / 1000))
  const signed = randomBytes(16).toString('hex').toUpperCase()
  const headers = {
    'content-type': 'application/json',
    'wechatpay-timestamp': timestamp,
    'wechatpay-nonce': signed,
    'wechatpay-signature': sign('sha256', Buffer.from(`${timestamp}\n${signed}\n${body}\n`), privateKey).toString('base64'),
    'wechatpay-serial': keyId,
    'wechatpay-signature-type': 'WECHATPAY2-SHA256-RSA2048',
  }
  return { noticeId, headers, body }
}

function transaction({ appId, mchId, outTradeNo, transactionId, totalFen }: Paid, now: Date) {
  return {
    mchid: mchId,
    appid: appId,
    out_trade_no: outTradeNo,
    transaction_id: transactionId,
    trade_type: 'NATIVE',
    trade_state: 'SUCCESS',
    trade_state_desc: '支付成功',
    bank_type: 'OTHERS',
    attach: '',
    success_time: beijing(now),
    payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
    amount: { total: totalFen, payer_total: totalFen, currency: 'CNY', payer_currency: 'CNY' },
  }
}

function seal(text: string, apiV3Key: string, nonce: string): string {
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(apiV3Key, 'ascii'), nonce)
  cipher.setAAD(Buffer.from('transaction'))
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64')
}

/** RFC 3339 with China's offset, whole seconds. */
function beijing(moment: Date): string {
  return new Date(moment.getTime() + 8 * 3_600_000).toISOString().replace(/\.\d+Z$/, '+08:00')
}
