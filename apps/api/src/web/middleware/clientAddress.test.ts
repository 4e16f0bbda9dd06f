import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../config.ts'
import { addressGroup, clientAddress } from './clientAddress.ts'

const settings = { WXPAY_APP_ID: 'wx1', WXPAY_MCH_ID: '1', WXPAY_V2_KEY: 'k'.repeat(32), SHOP_NAME: 'shop' }

function addressOf(peer: string, forwarded: string | undefined, TRUSTED_PROXIES: string | undefined): string {
  const request = new IncomingMessage(Object.defineProperty(new Socket(), 'remoteAddress', { value: peer }))
  if (forwarded !== undefined) request.headers['x-forwarded-for'] = forwarded
  return clientAddress(request, loadConfig({ ...settings, TRUSTED_PROXIES }).trustedProxies)
}

describe('the address of a caller', () => {
  it.each([
    ['203.0.113.1', '1.1.1.1', undefined, '203.0.113.1'],
    ['203.0.113.1', '1.1.1.1', 'loopback', '203.0.113.1'],
    ['127.0.0.1', undefined, 'loopback', '127.0.0.1'],
    ['127.0.0.1', '203.0.113.1', 'loopback', '203.0.113.1'],
    ['::ffff:127.0.0.1', '203.0.113.1', 'loopback', '203.0.113.1'],
    ['::1', '203.0.113.1:4711', 'loopback', '203.0.113.1'],
    ['127.0.0.1', '6.6.6.6, 203.0.113.1', 'loopback', '203.0.113.1'],
    ['127.0.0.1', '6.6.6.6, 203.0.113.1, 10.1.2.3', 'loopback,10.0.0.0/8', '203.0.113.1'],
    ['127.0.0.1', '10.1.2.3', 'loopback,10.0.0.0/8', '10.1.2.3'],
    ['127.0.0.1', '203.0.113.1, unknown', 'loopback', '127.0.0.1'],
    ['2001:db8::1', '[2001:db8:9::5]:443', '2001:db8::/48', '2001:db8:9::5'],
  ])('from %s with X-Forwarded-For "%s" and %s trusted is %s', (peer, forwarded, trusted, address) => {
    expect(addressOf(peer, forwarded, trusted)).toBe(address)
  })
})

describe('the group that limits count by', () => {
  it.each([
    ['203.0.113.1', '203.0.113.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ])('of %s is %s', (address, group) => {
    expect(addressGroup(address)).toBe(group)
  })
})
