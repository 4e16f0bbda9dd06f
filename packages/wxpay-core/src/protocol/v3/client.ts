import { randomBytes, type KeyObject } from 'node:crypto'
import { readAccount } from '../account.ts'
import type { WechatPay } from '../port.ts'
import { createSender } from '../send.ts'
import { downloadBill } from './bill.ts'
import { createCall } from './call.ts'
import { createCipher } from './cipher.ts'
import { close } from './close.ts'
import { createExchange } from './exchange.ts'
import { createKeyRing } from './keyRing.ts'
import { isSameKey, readMerchantPrivateKey, readWechatPublicKey } from './keys.ts'
import { noticeReplies, openNotice } from './notice.ts'
import { createDownload } from './platformCertificates.ts'
import { prepay } from './prepay.ts'
import { query } from './query.ts'
import { refund } from './refund.ts'
import { queryRefund } from './refundQuery.ts'
import { createVerifier } from './verifier.ts'

export interface WechatPayV3Options {
  appId: string
  mchId: string
  /** Of the merchant's other apps, e.g. its mini program: notices and answers about them are ours too. */
  otherAppIds?: readonly string[]
  /** The API v3 key: exactly 32 ASCII bytes. */
  key: string
  /** apiclient_key.pem: its text. */
  merchantPrivateKey: string
  /** Of the merchant API certificate: 40 hex digits, in either case. */
  merchantSerial: string
  /** WeChat Pay's own public key and its id, PUB_KEY_ID_…; without it, platform certificates are downloaded. */
  publicKey?: { id: string; pem: string }
  /** e.g. https://api.mch.weixin.qq.com. A path in front of WeChat's own is sent and not signed: whoever put it there takes it off again. */
  apiUrl: string
  /** Tried when a connection to apiUrl cannot be made. */
  apiBackupUrl?: string
  /** PEM: a CA that is trusted beside those that Node trusts. */
  apiCa?: string
  connectTimeoutMs?: number
  /** The whole call: fail-over, a download of certificates and the repeat after a probe included. */
  timeoutMs?: number
  /** At most 32 characters without quotes, never twice the same. */
  nonce?: () => string
  /** Wall clock in ms: signs requests and what opens a payment, and judges the age of answers and notices. */
  now?: () => number
  /** Told the Date of every answer, in ms (whole seconds): what the clock's error is seen by. Nobody has signed it. Must not throw. */
  onAnswerDate?: (wechatMs: number) => void
}

/**
 * WeChat Pay by protocol v3. Keeps connections and WeChat's keys, nothing else: every call is a function of its arguments.
 * Nothing is sent before the first call.
 *
 * @throws {RangeError} naming the setting that cannot be right; its value is not in the message
 */
export function createWechatPayV3(options: WechatPayV3Options): WechatPay & { destroy(): Promise<void> } {
  const { key, nonce = randomNonce, now = Date.now } = options
  const account = readAccount(options)
  const cipher = createCipher(key)
  const { merchant, publicKey } = readKeys(options)
  const sender = createSender({ ...options, ...(options.apiCa !== undefined && { tls: { ca: options.apiCa } }) })
  const { deadline } = sender
  const signing = { merchant, publicKeyId: publicKey?.id, nonce, now }
  const exchange = createExchange({ ...signing, sender })
  const ring = createKeyRing({ publicKey, download: createDownload({ exchange, cipher, deadline, now }), now })
  const verify = createVerifier({ ring, now })
  const call = createCall({ exchange, verify, deadline })
  const prepayParts = { call, account, privateKey: merchant.privateKey, nonce, now }
  const noticeParts = { account, cipher, verify }
  return {
    protocol: 'v3',
    prepay: (request) => prepay(prepayParts, request),
    query: (by) => query(call, account, by),
    close: (outTradeNo) => close(call, account.mchId, outTradeNo),
    openNotice: (headers, raw) => openNotice(noticeParts, headers, raw),
    refund: (request) => refund(call, request),
    queryRefund: (by) => queryRefund(call, by),
    downloadBill: (request) => downloadBill({ call, signing, sender }, request),
    noticeReplies,
    destroy: () => sender.destroy(),
  }
}

function readKeys({ mchId, merchantPrivateKey, merchantSerial, publicKey }: WechatPayV3Options) {
  const privateKey = named('merchantPrivateKey', () => readMerchantPrivateKey(merchantPrivateKey))
  if (!/^[0-9A-Fa-f]{40}$/.test(merchantSerial))
    throw new RangeError('merchantSerial must be the serial of the merchant API certificate: 40 hex digits')
  const merchant = { mchId, serial: merchantSerial.toUpperCase(), privateKey }
  if (publicKey === undefined) return { merchant, publicKey: undefined }
  if (!/^PUB_KEY_ID_\d{1,64}$/.test(publicKey.id)) throw new RangeError('publicKey.id must be PUB_KEY_ID_ and digits')
  const read: KeyObject = named('publicKey.pem', () => readWechatPublicKey(publicKey.pem))
  if (isSameKey(read, privateKey))
    throw new RangeError("publicKey.pem must be WeChat Pay's public key, not the one that belongs to the merchant's private key")
  return { merchant, publicKey: { id: publicKey.id, key: read } }
}

/** The readers' messages begin with "must". */
function named<T>(setting: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError) throw new RangeError(`${setting} ${error.message}`)
    throw error
  }
}

/** 32 upper-case hex digits, as in WeChat's examples: 128 random bits. */
function randomNonce(): string {
  return randomBytes(16).toString('hex').toUpperCase()
}
