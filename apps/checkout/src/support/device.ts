/** Where the shopper is: it decides with what the code can be scanned. */
export type Device = 'desktop' | 'phone' | 'wechat'

export function deviceOf(userAgent: string): Device {
  if (/MicroMessenger/i.test(userAgent)) return 'wechat'
  return /Android.*Mobile|iPhone|iPod|HarmonyOS.*Mobile|Windows Phone/i.test(userAgent) ? 'phone' : 'desktop'
}
