import { randomInt } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { readAccount } from '../account.ts'
import type { ScanGate, WechatPay } from '../port.ts'
import { createSender, type ClientCertificate, type Sender } from '../send.ts'
import { downloadBill } from './bill.ts'
import { createCall } from './call.ts'
import { certified } from './certified.ts'
import { close } from './close.ts'
import { noticeReplies, openNotice } from './notice.ts'
import { prepay } from './prepay.ts'
import { query } from './query.ts'
import { refund } from './refund.ts'
import { openRefundHint } from './refundHint.ts'
import { queryRefund } from './refundQuery.ts'
import { createReqInfoOpener } from './reqInfo.ts'
import { createScanGate } from './scan.ts'
import { createSigner } from './sign.ts'

export interface WechatPayV2Options {
  appId: string
  mchId: string
  /** Of the merchant's other apps, e.g. its mini program: notices and answers about them are ours too. */
  otherAppIds?: readonly string[]
  /** The API v2 key: exactly 32 ASCII bytes. */
  key: string
  /** Signs requests; with HMAC-SHA256 a notice signed with MD5 is refused. */
  signType: 'MD5' | 'HMAC-SHA256'
  /** e.g. https://api.mch.weixin.qq.com */
  apiUrl: string
  /** Tried when a connection to apiUrl cannot be made. */
  apiBackupUrl?: string
  /** The merchant's API certificate, which refunds and the fund-flow bill need: without it there are none. */
  certificate?: ClientCertificate
  /** Where the calls with the certificate go; apiUrl and its backup when absent. */
  certApiUrl?: string
  /** PEM: a CA that is trusted beside those that Node trusts. */
  apiCa?: string
  connectTimeoutMs?: number
  /** The whole call, fail-over included. */
  timeoutMs?: number
  /** Makes nonce_str: at most 32 characters, never twice the same. */
  nonce?: () => string
  /** Wall clock in ms: signs what opens a payment inside WeChat. */
  now?: () => number
  /** Told the Date of every answer, in ms (whole seconds): what the clock's error is seen by. Nobody has signed it. Must not throw. */
  onAnswerDate?: (wechatMs: number) => void
}

/**
 * WeChat Pay by protocol v2. Keeps connections and nothing else: every call is a function of its arguments.
 *
 * @throws {RangeError} naming the setting that cannot be right; its value is not in the message
 */
export function createWechatPayV2(options: WechatPayV2Options): WechatPay & { readonly scan: ScanGate; destroy(): Promise<void> } {
  const { key, signType, nonce = randomNonce, now = Date.now } = options
  if (!/^[\x21-\x7e]{32}$/.test(key)) throw new RangeError('key must be exactly 32 ASCII bytes')
  const account = readAccount(options)
  const signer = createSigner(key, signType)
  const sender = createSender({ ...options, ...tlsOf(options) })
  const call = createCall({ account, signer, sender, nonce })
  const certifiedSender = openCertified(options)
  const certifiedCall = certifiedSender && createCall({ account, signer, sender: certifiedSender, nonce })
  const bills = { account, nonce, signer, sender, hmac: createSigner(key, 'HMAC-SHA256'), certifiedSender }
  const openReqInfo = createReqInfoOpener(key)
  return {
    protocol: 'v2',
    prepay: (request) => prepay({ call, account, signer, nonce, now }, request),
    query: (by) => query(call, by),
    close: (outTradeNo, appId) => close(call, outTradeNo, appId),
    // asynchronous, so that a refusal is a rejection whatever the protocol
    openNotice: async (_headers, raw) => openNotice({ account, signer }, raw),
    openRefundHint: (raw) => openRefundHint({ account, openReqInfo }, raw),
    ...(certifiedCall && { refund: (request) => refund(certifiedCall, request) }),
    queryRefund: (by) => queryRefund(call, by),
    downloadBill: (request) => downloadBill(bills, request),
    noticeReplies,
    scan: createScanGate({ call, account, signer: createSigner(key, 'MD5'), nonce }),
    destroy: async () => void (await Promise.all([sender.destroy(), certifiedSender?.destroy()])),
  }
}

const tlsOf = ({ apiCa }: WechatPayV2Options) => apiCa !== undefined && { tls: { ca: apiCa } }

/** Connections of their own: WeChat asks for the certificate when a connection is made, and gets it for these calls only. */
function openCertified(options: WechatPayV2Options): Sender | undefined {
  const { certificate, certApiUrl, apiCa } = options
  if (!certificate) return undefined
  refuseBadCertificate(certificate)
  const tls = { certificate, ...(apiCa !== undefined && { ca: apiCa }) }
  const { apiBackupUrl: _, ...elsewhere } = options
  const opened = certApiUrl === undefined ? { ...options, tls } : { ...elsewhere, apiUrl: certApiUrl, tls }
  return certified(createSender(opened))
}

const alphanumerics = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** 32 alphanumerics: 190 random bits. */
function randomNonce(): string {
  return Array.from({ length: 32 }, () => alphanumerics.charAt(randomInt(alphanumerics.length))).join('')
}

/** Here and not at the first refund. The cause is left out on purpose: it would stand beside a key. */
function refuseBadCertificate(certificate: ClientCertificate): void {
  try {
    createSecureContext(certificate)
  } catch {
    throw new RangeError('certificate must be a private key with its own certificate, or PKCS#12 with its password')
  }
}
