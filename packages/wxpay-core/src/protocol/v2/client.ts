import type { WechatPay } from '../port.ts'

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
}

export declare function createWechatPayV2(options: WechatPayV2Options): WechatPay & { destroy(): Promise<void> }
