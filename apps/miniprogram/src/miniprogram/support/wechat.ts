import type { JsapiInvoke } from '../checkout/answers'
import type { Memory } from '../checkout/pending'

/** What WeChat gives this program, as promises and plain values. Needs base library 2.20.1 (getAppBaseInfo). */

/** A code that tells our server, and nobody else, who this is; null when WeChat gives none. It lives five minutes and works once. */
export function loginCode(): Promise<string | null> {
  return new Promise((resolve) => {
    wx.login({ success: ({ code }) => resolve(code === '' ? null : code), fail: () => resolve(null) })
  })
}

/**
 * The payment sheet. The appid is signed with the rest, but is no argument here: WeChat knows whose program this is.
 * "cancelled" comes also when WeChat's server refuses, and after its dialog about a wrong signature.
 */
export function bringUp({ timeStamp, nonceStr, package: prepay, signType, paySign }: JsapiInvoke): Promise<'ok' | 'cancelled' | 'failed'> {
  return new Promise((resolve) => {
    if (!isSignType(signType)) return resolve('failed')
    wx.requestPayment({
      timeStamp,
      nonceStr,
      package: prepay,
      signType,
      paySign,
      success: () => resolve('ok'),
      fail: ({ errMsg }) => resolve(/:fail cancel$/.test(errMsg) ? 'cancelled' : 'failed'),
    })
  })
}

type SignType = NonNullable<WechatMiniprogram.RequestPaymentOption['signType']>

function isSignType(text: string): text is SignType {
  return text === 'RSA' || text === 'HMAC-SHA256' || text === 'MD5'
}

/** 128 random bits as text. (Math.random could be guessed, and this program has no global crypto.) */
export function randomKey(): Promise<string> {
  return new Promise((resolve, reject) => {
    wx.getRandomValues({
      length: 16,
      success: ({ randomValues }) => resolve(Array.from(new Uint8Array(randomValues), hex).join('')),
      fail: ({ errMsg }) => reject(new Error(errMsg)),
    })
  })
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}

export const memory: Memory = {
  read: (key): unknown => wx.getStorageSync(key),
  write: (key, value) => wx.setStorageSync(key, value),
  forget: (key) => wx.removeStorageSync(key),
}

export function language(): string {
  return wx.getAppBaseInfo().language
}

export function appId(): string {
  return wx.getAccountInfoSync().miniProgram.appId
}
