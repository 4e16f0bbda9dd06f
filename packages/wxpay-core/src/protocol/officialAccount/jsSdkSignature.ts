import { hash } from 'node:crypto'

export interface JsSdkPage {
  ticket: string
  nonce: string
  /** Unix time in whole seconds, as text: the same characters go to wx.config. */
  timestamp: string
  /** The page's address as the browser has it, without what follows "#". */
  url: string
}

/**
 * The signature for wx.config: SHA-1 in lower-case hex, names in lower case and in order, nothing encoded.
 *
 * @see https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/JS-SDK.html
 */
export function jsSdkSignature({ ticket, nonce, timestamp, url }: JsSdkPage): string {
  return hash('sha1', `jsapi_ticket=${ticket}&noncestr=${nonce}&timestamp=${timestamp}&url=${url.replace(/#.*$/s, '')}`, 'hex')
}
