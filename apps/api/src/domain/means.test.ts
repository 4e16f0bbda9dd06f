import { describe, expect, it } from 'vitest'
import { payableUntil } from './codeLife.ts'
import { payerOf, serves, withReturn, type Means } from './means.ts'

const lin = { appId: 'wxofficial', openId: 'oLin' }
const native: Means = { tradeType: 'native' }
const jsapi: Means = { tradeType: 'jsapi', payer: lin, address: '203.0.113.7' }
const h5: Means = { tradeType: 'h5', device: 'iOS', address: '203.0.113.7' }

describe('an attempt serves', () => {
  it.each([
    ['who scans the same code', native, native],
    ['the same payer, wherever their phone is by now', jsapi, { ...jsapi, address: '2001:db8::1' }],
    ['the same phone, also in another browser', h5, { ...h5, device: 'Wap' }],
  ] as [string, Means, Means][])('%s', (_whom, begun, asked) => {
    expect(serves(begun, asked)).toBe(true)
  })

  it.each([
    ['another way of paying', native, jsapi],
    ['another way of paying', jsapi, h5],
    ['another payer', jsapi, { ...jsapi, payer: { ...lin, openId: 'oWang' } }],
    ['the same openid of another appid', jsapi, { ...jsapi, payer: { ...lin, appId: 'wxminiprogram' } }],
    ['a phone at another address, which WeChat would refuse', h5, { ...h5, address: '203.0.113.8' }],
    ['a printed code', native, { ...native, productId: 'BOOK-1' }],
  ] as [string, Means, Means][])('not %s', (_whom, begun, asked) => {
    expect(serves(begun, asked)).toBe(false)
    expect(serves(asked, begun)).toBe(false)
  })

  it('belongs to somebody only when it is for one payer', () => {
    expect([native, jsapi, h5].map(payerOf)).toEqual([null, lin, null])
  })
})

describe('the way back of an h5 link', () => {
  it('is added to what WeChat gave, percent-encoded, and nothing else of it changes', () => {
    const url = 'https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx01%2B&package=1037687096'
    expect(withReturn(url, 'https://shop.example/pay/a-b_c?x=1&y')).toBe(
      `${url}&redirect_url=https%3A%2F%2Fshop.example%2Fpay%2Fa-b_c%3Fx%3D1%26y`,
    )
  })

  it('is the first parameter where there is none', () => {
    expect(withReturn('https://wx.example/go', 'https://a.example/')).toBe('https://wx.example/go?redirect_url=https%3A%2F%2Fa.example%2F')
  })
})

describe('what the payer’s device is given can be used', () => {
  const createdAt = new Date('2026-03-01T02:15:00Z')
  const untilMs = (tradeType: Means['tradeType'], lifeMs: number) =>
    payableUntil({ tradeType, createdAt, expiresAt: new Date(createdAt.getTime() + lifeMs) }).getTime() - createdAt.getTime()

  it('five minutes when it is an h5 link, two hours when it is a code or a prepay id', () => {
    expect(untilMs('h5', 86_400_000)).toBe(300_000)
    expect(untilMs('jsapi', 86_400_000)).toBe(7_200_000)
    expect(untilMs('native', 86_400_000)).toBe(7_200_000)
  })

  it.each(['native', 'jsapi', 'h5'] as const)('never longer than WeChat takes the payment (%s)', (tradeType) => {
    expect(untilMs(tradeType, 60_000)).toBe(60_000)
  })
})
