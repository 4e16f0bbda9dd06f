/**
 * Where the shopper is: it decides how they can pay, and with what a code can be scanned.
 * `wechat-guest` is WeChat's family without its bridge for payments: a mini program's web-view, and WeCom.
 */
export type Device = 'desktop' | 'phone' | 'wechat' | 'wechat-guest'

export function deviceOf(userAgent: string): Device {
  if (/MicroMessenger/i.test(userAgent)) return /miniProgram|wxwork/i.test(userAgent) ? 'wechat-guest' : 'wechat'
  return /Android.*Mobile|iPhone|iPod|HarmonyOS.*Mobile|Windows Phone/i.test(userAgent) ? 'phone' : 'desktop'
}
