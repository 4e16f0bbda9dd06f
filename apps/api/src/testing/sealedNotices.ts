import { createCipheriv, randomBytes, randomUUID, sign, type KeyObject } from 'node:crypto'

/** A notice of the newer protocol as it travels. */
export interface SealedNotice {
  headers: Record<string, string>
  body: string
}

export interface SealOptions {
  /** Parts of the transaction inside; undefined leaves a part out. */
  transaction?: Record<string, unknown>
  /** Parts of the message around it. */
  envelope?: Record<string, unknown>
  resource?: Record<string, unknown>
  headers?: Record<string, string | undefined>
  /** How long ago it was signed, in seconds. */
  ageSeconds?: number
  /** Another than the merchant's. */
  apiKey?: string
  /** Another than WeChat's. */
  signer?: KeyObject
}

interface Wechat {
  appId: string
  mchId: string
  apiKey: string
  privateKey: KeyObject
  keyId: string
  now: () => number
}

/** Signs and encrypts as WeChat does, by code of its own: "Verify signatures" and "Decrypt notices" of WeChat's pages for APIv3. */
export function createSealer(wechat: Wechat) {
  return function seal(outTradeNo: string, options: SealOptions = {}): SealedNotice {
    const { appId, mchId } = wechat
    const transaction = {
      appid: appId,
      mchid: mchId,
      out_trade_no: outTradeNo,
      transaction_id: '4200002468202603011234567890',
      trade_type: 'NATIVE',
      trade_state: 'SUCCESS',
      trade_state_desc: '支付成功',
      bank_type: 'OTHERS',
      success_time: '2026-03-01T10:17:42+08:00',
      payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
      amount: { total: 100, payer_total: 100, currency: 'CNY', payer_currency: 'CNY' },
      ...options.transaction,
    }
    const body = JSON.stringify({
      id: randomUUID(),
      create_time: '2026-03-01T10:17:43+08:00',
      resource_type: 'encrypt-resource',
      event_type: 'TRANSACTION.SUCCESS',
      summary: '支付成功',
      resource: { ...encrypt(JSON.stringify(transaction), options.apiKey ?? wechat.apiKey), ...options.resource },
      ...options.envelope,
    })
    return signed(wechat, body, options)
  }
}

/** Any bytes, signed as WeChat would. */
export function signed(
  wechat: Wechat,
  body: string,
  { headers, ageSeconds = 0, signer = wechat.privateKey }: SealOptions = {},
): SealedNotice {
  const timestamp = String(Math.floor(wechat.now() / 1000) - ageSeconds)
  const nonce = randomBytes(16).toString('hex')
  const all: Record<string, string | undefined> = {
    'Content-Type': 'application/json',
    'Wechatpay-Timestamp': timestamp,
    'Wechatpay-Nonce': nonce,
    'Wechatpay-Serial': wechat.keyId,
    'Wechatpay-Signature-Type': 'WECHATPAY2-SHA256-RSA2048',
    'Wechatpay-Signature': sign('sha256', Buffer.from(`${timestamp}\n${nonce}\n${body}\n`), signer).toString('base64'),
    'Request-ID': '08F4E5D4B20610A70118AA8C6E20C4A90128BE9F02-0',
    ...headers,
  }
  return { headers: Object.fromEntries(Object.entries(all).filter((one): one is [string, string] => one[1] !== undefined)), body }
}

function encrypt(plain: string, apiKey: string) {
  const nonce = randomBytes(6).toString('hex')
  const associatedData = 'transaction'
  const cipher = createCipheriv('aes-256-gcm', apiKey, nonce).setAAD(Buffer.from(associatedData))
  const ciphertext = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return {
    original_type: 'transaction',
    algorithm: 'AEAD_AES_256_GCM',
    ciphertext: ciphertext.toString('base64'),
    associated_data: associatedData,
    nonce,
  }
}
