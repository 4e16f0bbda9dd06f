import { describe, expect, it } from 'vitest'
import { checkNotifyAddress } from './checkNotifyAddress.ts'

const wechat = 'https://api.mch.weixin.qq.com'
const mock = 'http://127.0.0.1:3001'

describe('the address for notices', () => {
  it.each(['https://pay.example.com/notices/v3', 'https://pay.example.com:8443/notices/v3'])('is good with %s', (url) => {
    expect(checkNotifyAddress(url, wechat)).toEqual({ check: 'notify address', state: 'ok', detail: url })
  })

  it.each([
    ['not https', 'http://pay.example.com/notices/v3'],
    ['not an http(s) address', 'ftp://pay.example.com/notices'],
    ['not an http(s) address', 'pay.example.com/notices'],
    ['query string', 'https://pay.example.com/notices/v3?shop=1'],
    ['query string', 'https://pay.example.com/notices/v3?'],
    ['fragment', 'https://pay.example.com/notices/v3#top'],
    ['login', 'https://shop:word@pay.example.com/notices/v3'],
    ['this machine', 'https://localhost/notices/v3'],
    ['this machine', 'http://127.0.0.1:3000/notices/v3'],
    ['this machine', 'https://[::1]/notices/v3'],
    ['private', 'https://10.1.2.3/notices/v3'],
    ['private', 'https://172.31.0.1/notices/v3'],
    ['private', 'https://192.168.1.9/notices/v3'],
    ['private', 'https://100.64.0.1/notices/v3'],
    ['private', 'https://169.254.1.1/notices/v3'],
    ['private', 'https://[fd00::1]/notices/v3'],
    ['private', 'https://till/notices/v3'],
    ['private', 'https://till.local/notices/v3'],
    ['private', 'https://till.shop.internal/notices/v3'],
    ['an IP address', 'https://203.0.113.9/notices/v3'],
    ['an IP address', 'https://[2001:db8::1]/notices/v3'],
    ['256 characters', `https://pay.example.com/${'n'.repeat(232)}`],
  ])('is wrong when it is or has %s: %s', (seen, url) => {
    const finding = checkNotifyAddress(url, wechat)
    expect(finding).toMatchObject({ state: 'fault' })
    expect(finding.detail).toContain(seen)
  })

  it('may have 255 characters', () => {
    expect(checkNotifyAddress(`https://pay.example.com/${'n'.repeat(231)}`, wechat).state).toBe('ok')
  })

  it('may be this machine when WeChat is a mock on it', () => {
    expect(checkNotifyAddress('http://127.0.0.1:3000/notices/v3', mock)).toMatchObject({
      state: 'ok',
      detail: expect.stringContaining('demo') as string,
    })
    expect(checkNotifyAddress('http://10.0.0.1:3000/notices/v3', mock).state).toBe('fault')
  })

  it('does not show a login', () => {
    expect(checkNotifyAddress('https://shop:word@pay.example.com/', wechat).detail).not.toContain('word')
  })
})
