import { isAllowedHost } from './account.ts'
import { sha1 } from './push/signature.ts'
import type { WechatSide } from './wechatSide.ts'

/** The arguments of wx.config, and the address of the page that calls it. */
export interface JsSdkConfig {
  appId: string
  timestamp: string
  nonceStr: string
  signature: string
  url: string
}

export type JsSdkVerdict = { ok: true } | { ok: false; errcode: 63002 | 40048; errMsg: string; realAuthUrl: string; reason: string }

/** Raw values, in this order, nothing URL-encoded. @see https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/JS-SDK.html appendix 1 */
export const jsSdkSignature = ({
  ticket,
  nonceStr,
  timestamp,
  url,
}: Pick<JsSdkConfig, 'nonceStr' | 'timestamp' | 'url'> & { ticket: string }): string =>
  sha1(`jsapi_ticket=${ticket}&noncestr=${nonceStr}&timestamp=${timestamp}&url=${url}`)

/** What WeChat's browser finds out before it fires wx.ready or wx.error. */
export function checkJsSdkConfig(config: JsSdkConfig, { accounts, tickets }: WechatSide): JsSdkVerdict {
  const realAuthUrl = config.url.split('#')[0] ?? ''
  const refused = (errcode: 63002 | 40048, reason: string): JsSdkVerdict => {
    const errMsg = errcode === 63002 ? 'config:invalid signature' : 'config:invalid url domain'
    return { ok: false, errcode, errMsg, realAuthUrl, reason }
  }

  const account = accounts.find(config.appId)?.account
  if (account?.kind !== 'official-account') return refused(40048, 'appId is not an official account of this mock')
  const address = URL.parse(config.url)
  if (!address || !isAllowedHost(address, account.jsDomains))
    return refused(40048, 'the host of the page is not among the jsDomains of the account')
  const ticket = tickets.current(config.appId, 'jsapi')
  if (ticket === undefined) return refused(63002, 'no ticket of type jsapi was taken, or the last one has ended')
  if (config.signature === jsSdkSignature({ ...config, ticket, url: realAuthUrl })) return { ok: true }
  const { nonceStr, timestamp } = config
  return refused(63002, `expected SHA-1 over: jsapi_ticket=***&noncestr=${nonceStr}&timestamp=${timestamp}&url=${realAuthUrl}`)
}
