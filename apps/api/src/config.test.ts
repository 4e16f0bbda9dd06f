import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { BadSettingsError, loadConfig } from './config.ts'
import { newKeyPair } from './testing/throwAwayKeys.ts'

const key = '0123456789abcdef0123456789ABCDEF'
const required = { WXPAY_APP_ID: 'wxd930ea5d5a258f4f', WXPAY_MCH_ID: '10000100', WXPAY_V2_KEY: key, SHOP_NAME: '青禾书店' }

function problemsOf(settings: Record<string, string | undefined>): string[] {
  try {
    loadConfig({ ...required, ...settings })
  } catch (error) {
    if (error instanceof BadSettingsError) return error.problems.map(({ name }) => name)
    throw error
  }
  return []
}

const directories: string[] = []
afterEach(() => directories.splice(0).forEach((directory) => rmSync(directory, { recursive: true })))

function fileWith(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'wxpay-config-'))
  directories.push(directory)
  const path = join(directory, 'secret')
  writeFileSync(path, text)
  return path
}

describe('loadConfig', () => {
  it('needs four settings and knows the rest', () => {
    expect(loadConfig(required)).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://127.0.0.1:3000',
      dataDir: '.data',
      databaseUrl: null,
      wechat: {
        protocol: 'v2',
        apiUrl: 'https://api.mch.weixin.qq.com',
        apiBackupUrl: 'https://api2.mch.weixin.qq.com',
        v2: { key, signType: 'HMAC-SHA256' },
        v3: null,
      },
      paidBy: 'notice',
      latePayment: 'flag',
      life: { qrMs: 300_000, tradeMs: 900_000, orderMs: 1_800_000 },
      limits: { maxAmountFen: 5_000_000, createPerMinute: 30, openOrdersPerAddress: 20 },
      shop: { name: '青禾书店', contact: null, locale: 'zh-CN' },
    })
  })

  it('cannot be changed afterwards', () => {
    const config = loadConfig(required)
    expect(Object.isFrozen(config) && Object.isFrozen(config.wechat) && Object.isFrozen(config.limits)).toBe(true)
  })

  it('names everything that is missing at once', () => {
    const missing = { WXPAY_APP_ID: undefined, WXPAY_MCH_ID: '', WXPAY_V2_KEY: undefined, SHOP_NAME: undefined }
    expect(problemsOf(missing).toSorted()).toEqual(['SHOP_NAME', 'WXPAY_APP_ID', 'WXPAY_MCH_ID', 'WXPAY_V2_KEY'])
  })

  it('names every bad setting at once and prints no value', () => {
    const bad = {
      HOST: 'bad-value host',
      PORT: 'bad-value',
      PUBLIC_URL: 'ftp://bad-value',
      DATABASE_URL: 'mysql://bad-value/x',
      TRUSTED_PROXIES: 'loopback,bad-value',
      WXPAY_PROTOCOL: 'bad-value',
      WXPAY_API_URL: 'http://bad-value.example',
      WXPAY_API_BACKUP_URL: 'bad-value',
      WXPAY_APP_ID: 'bad-value',
      WXPAY_MCH_ID: 'bad-value',
      WXPAY_V2_KEY: 'bad-value',
      WXPAY_V2_SIGN_TYPE: 'bad-value',
      WXPAY_V3_KEY: 'bad-value',
      WXPAY_MERCHANT_PRIVATE_KEY: 'bad-value',
      WXPAY_MERCHANT_SERIAL: 'bad-value',
      WXPAY_MERCHANT_CERTIFICATE: 'bad-value',
      WXPAY_PUBLIC_KEY_ID: 'bad-value',
      WXPAY_PUBLIC_KEY: 'bad-value',
      WXPAY_H5: 'bad-value',
      WXPAY_SCAN: 'bad-value',
      WXPAY_PAID_BY: 'bad-value',
      WXPAY_LATE_PAYMENT: 'bad-value',
      WXPAY_REFUND_DUPLICATES: 'bad-value',
      QR_LIFE_SECONDS: 'bad-value',
      TRADE_LIFE_SECONDS: 'bad-value',
      ORDER_LIFE_SECONDS: 'bad-value',
      MAX_AMOUNT_FEN: 'bad-value',
      CREATE_PER_MINUTE: 'bad-value',
      OPEN_ORDERS_PER_ADDRESS: 'bad-value',
      SHOP_NAME: 'bad-value\n',
      SHOP_CONTACT: ' bad-value',
      LOCALE: 'bad-value',
    }
    expect(problemsOf(bad).toSorted()).toEqual(Object.keys(bad).toSorted())
    expect(() => loadConfig(bad)).toThrow(/^(?!.*bad-value)/s)
  })

  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '3e3'],
    ['QR_LIFE_SECONDS', '0'],
    ['QR_LIFE_SECONDS', '1.5'],
    ['TRADE_LIFE_SECONDS', '59'],
    ['TRADE_LIFE_SECONDS', '7201'],
    ['WXPAY_V2_KEY', key.slice(1)],
    ['WXPAY_V2_KEY', `${key}0`],
    ['WXPAY_V2_KEY', `é${key.slice(1)}`],
    ['WXPAY_V2_SIGN_TYPE', 'hmac-sha256'],
    ['PUBLIC_URL', 'http://shop.example'],
    ['PUBLIC_URL', 'https://shop.example/pay'],
    ['PUBLIC_URL', 'https://shop.example/?a=1'],
    ['PUBLIC_URL', 'https://user@shop.example'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '10.0.0.0/8/8'],
    ['TRUSTED_PROXIES', '::1/129'],
    ['TRUSTED_PROXIES', 'proxy.example'],
    ['TRUSTED_PROXIES', 'none, loopback'],
    ['SHOP_NAME', '🎁'],
    ['SHOP_NAME', '店'.repeat(43)],
  ])('refuses %s=%s', (name, value) => {
    expect(problemsOf({ [name]: value })).toContain(name)
  })

  it.each([
    ['PUBLIC_URL', 'http://localhost:3000/'],
    ['PUBLIC_URL', 'http://[::1]:3000'],
    ['TRUSTED_PROXIES', 'none'],
    ['QR_LIFE_SECONDS', '1'],
    ['DATABASE_URL', 'postgres://app@db:5432/shop'],
    ['TRUSTED_PROXIES', 'loopback, 10.0.0.0/8, 2001:db8::/32, 192.0.2.7'],
    ['WXPAY_V2_SIGN_TYPE', 'MD5'],
    ['WXPAY_H5', 'on'],
    ['WXPAY_SCAN', 'off'],
    ['WXPAY_SCAN', 'on'],
    ['WXPAY_LATE_PAYMENT', 'accept'],
    ['WXPAY_LATE_PAYMENT', 'refund'],
    ['WXPAY_REFUND_DUPLICATES', 'false'],
  ])('takes %s=%s', (name, value) => {
    expect(problemsOf({ [name]: value })).toEqual([])
  })

  it('refuses a life at WeChat that is not a minute longer than the countdown', () => {
    expect(problemsOf({ QR_LIFE_SECONDS: '841' })).toEqual(['TRADE_LIFE_SECONDS'])
    expect(problemsOf({ QR_LIFE_SECONDS: '840' })).toEqual([])
  })

  it('names a misspelt WXPAY_ setting instead of passing over it', () => {
    expect(problemsOf({ WXPAY_PAYED_BY: 'notice', HOME: '/root' })).toEqual(['WXPAY_PAYED_BY'])
  })

  it('wants an address for WeChat when it cannot tell it from HOST and PORT', () => {
    expect(problemsOf({ HOST: '0.0.0.0' })).toEqual(['PUBLIC_URL'])
    expect(problemsOf({ PORT: '0' })).toEqual(['PUBLIC_URL'])
    expect(problemsOf({ PORT: '0', HOST: '0.0.0.0', PUBLIC_URL: 'https://shop.example', TRUSTED_PROXIES: '10.0.0.1' })).toEqual([])
  })

  it('R25 wants the proxy in front of an https address named, or none said on purpose: else all shoppers share one limit', () => {
    const https = { PUBLIC_URL: 'https://shop.example' }
    expect(problemsOf(https)).toEqual(['TRUSTED_PROXIES'])
    expect(problemsOf({ ...https, TRUSTED_PROXIES: 'bad-value' })).toEqual(['TRUSTED_PROXIES'])
    expect(problemsOf({ ...https, TRUSTED_PROXIES: 'loopback' })).toEqual([])
    const { trustedProxies } = loadConfig({ ...required, ...https, TRUSTED_PROXIES: 'none' })
    expect(trustedProxies.check('127.0.0.1')).toBe(false)
  })

  it('does not fall back to WeChat when it was told to call another host', () => {
    expect(loadConfig({ ...required, WXPAY_API_URL: 'http://127.0.0.1:3001' }).wechat.apiBackupUrl).toBeNull()
  })

  it('reads a secret from a file, without the line break at its end', () => {
    const fromFile = { ...required, WXPAY_V2_KEY: undefined, WXPAY_V2_KEY_FILE: fileWith(`${key}\n`) }
    expect(loadConfig(fromFile).wechat.v2?.key).toBe(key)
  })

  it('refuses a secret that is given twice, and a file that cannot be read', () => {
    expect(problemsOf({ WXPAY_V2_KEY_FILE: fileWith(key) })).toEqual(['WXPAY_V2_KEY'])
    expect(problemsOf({ WXPAY_V2_KEY: undefined, WXPAY_V2_KEY_FILE: join(tmpdir(), 'no-such-file') })).toEqual(['WXPAY_V2_KEY_FILE'])
    expect(problemsOf({ WXPAY_V2_KEY: undefined, WXPAY_V2_KEY_FILE: fileWith('short') })).toEqual(['WXPAY_V2_KEY'])
  })
})

it('needs the key of v2 for printed codes, whatever payments are made with', () => {
  const v3 = {
    WXPAY_V2_KEY: undefined,
    WXPAY_V3_KEY: key,
    WXPAY_MERCHANT_PRIVATE_KEY: newKeyPair().privatePem,
    WXPAY_MERCHANT_SERIAL: 'A1'.repeat(20),
  }
  expect(problemsOf({ ...v3, WXPAY_SCAN: 'on' })).toEqual(['WXPAY_V2_KEY'])
  expect(problemsOf({ ...v3, WXPAY_SCAN: 'off' })).toEqual([])
  expect(problemsOf({ ...v3, WXPAY_SCAN: 'on', WXPAY_V2_KEY: key })).toEqual([])
})
