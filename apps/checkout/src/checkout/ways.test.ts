import { describe, expect, it } from 'vitest'
import type { TradeType } from 'wxpay-core/contract'
import type { Device } from '../support/device.ts'
import { waysToPay } from './ways.ts'

describe('the ways of paying that are offered', () => {
  it.each<[Device, TradeType[], TradeType[]]>([
    ['desktop', ['native', 'jsapi', 'h5'], ['native']],
    ['wechat', ['native', 'jsapi', 'h5'], ['jsapi', 'native']],
    ['wechat', ['native', 'h5'], ['native']],
    ['wechat-guest', ['native', 'jsapi', 'h5'], ['native']],
    ['phone', ['native', 'jsapi', 'h5'], ['h5', 'native']],
    ['phone', ['native', 'jsapi'], ['native']],
    ['desktop', ['jsapi', 'h5'], []],
  ])('%s, where %j is enabled: %j', (device, enabled, offered) => {
    expect(waysToPay(device, enabled)).toEqual(offered)
  })
})
