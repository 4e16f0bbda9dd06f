import type { TradeType } from 'wxpay-core/contract'
import type { Device } from '../support/device.ts'

/** What works where, the best first. A code works everywhere: a second device scans it. */
const possible: Record<Device, readonly TradeType[]> = {
  desktop: ['native'],
  'wechat-guest': ['native'],
  wechat: ['jsapi', 'native'],
  phone: ['h5', 'native'],
}

/** The ways of paying to offer, the best first: those that work here and that the merchant has enabled. */
export function waysToPay(device: Device, enabled: readonly TradeType[]): readonly TradeType[] {
  return possible[device].filter((way) => enabled.includes(way))
}
