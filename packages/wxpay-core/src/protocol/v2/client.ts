import { randomInt } from 'node:crypto'
import type { WechatPay } from '../port.ts'
import { createSender } from '../send.ts'
import { createCall } from './call.ts'
import { close } from './close.ts'
import { noticeReplies, openNotice } from './notice.ts'
import { prepay } from './prepay.ts'
import { query } from './query.ts'
import { createSigner } from './sign.ts'

export interface WechatPayV2Options {
  appId: string
  mchId: string
  /** The API v2 key: exactly 32 ASCII bytes. */
  key: string
  /** Signs requests; with HMAC-SHA256 a notice signed with MD5 is refused. */
  signType: 'MD5' | 'HMAC-SHA256'
  /** e.g. https://api.mch.weixin.qq.com */
  apiUrl: string
  /** Tried when a connection to apiUrl cannot be made. */
  apiBackupUrl?: string
  connectTimeoutMs?: number
  /** The whole call, fail-over included. */
  timeoutMs?: number
  /** Makes nonce_str: at most 32 characters, never twice the same. */
  nonce?: () => string
}

/**
 * WeChat Pay by protocol v2. Keeps connections and nothing else: every call is a function of its arguments.
 *
 * @throws {RangeError} naming the setting that cannot be right; its value is not in the message
 */
export function createWechatPayV2(options: WechatPayV2Options): WechatPay & { destroy(): Promise<void> } {
  const { appId, mchId, key, signType, nonce = randomNonce, ...addresses } = options
  if (!/^[\x21-\x7e]{32}$/.test(key)) throw new RangeError('key must be exactly 32 ASCII bytes')
  if (!identifier.test(appId)) throw new RangeError('appId must be 1 to 32 letters and digits')
  if (!identifier.test(mchId)) throw new RangeError('mchId must be 1 to 32 letters and digits')
  const signer = createSigner(key, signType)
  const sender = createSender(addresses)
  const call = createCall({ appId, mchId, signer, sender, nonce })
  return {
    protocol: 'v2',
    prepay: (request) => prepay(call, request),
    query: (by) => query(call, by),
    close: (outTradeNo) => close(call, outTradeNo),
    // asynchronous, so that a refusal is a rejection whatever the protocol
    openNotice: async (_headers, raw) => openNotice({ appId, mchId, signer }, raw),
    noticeReplies,
    destroy: () => sender.destroy(),
  }
}

const identifier = /^[A-Za-z0-9_]{1,32}$/

const alphanumerics = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** 32 alphanumerics: 190 random bits. */
function randomNonce(): string {
  return Array.from({ length: 32 }, () => alphanumerics.charAt(randomInt(alphanumerics.length))).join('')
}
