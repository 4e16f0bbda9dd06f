import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, it } from 'vitest'
import { apiEnv, demoAddresses, demoEnvFile, demoProtocol, mockEnv, readMerchant } from './demoSettings.ts'
import { root } from './paths.ts'

/** As the mock presents it, in part. */
const item = {
  mchid: '1900000109',
  appids: ['wx0000000000000001', 'wx0000000000000002'],
  apiKeyV2: '2'.repeat(32),
  apiV3Key: '3'.repeat(32),
  merchantSerial: '5'.repeat(40),
  merchantPrivateKey: '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n',
  merchantCertificate: '-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n',
  platform: { publicKeyId: 'PUB_KEY_ID_01', publicKey: '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n' },
  accounts: [
    { kind: 'official-account', appid: 'wx0000000000000001', secret: 'a'.repeat(32), token: 'token1', aesKey: 'b'.repeat(43) },
    { kind: 'mini-program', appid: 'wx0000000000000002', secret: 'c'.repeat(32), token: 'token2', aesKey: 'd'.repeat(43) },
  ],
}
const merchant = readMerchant({ items: [item, { mchid: 'other' }] })
const keys = { merchant, operatorToken: 'f'.repeat(64) }

describe('the settings of the demo', () => {
  it('are complete without any of the person', () => {
    const addresses = demoAddresses({})
    expect(mockEnv({}, addresses)).toMatchObject({ HOST: '127.0.0.1', MOCK_WECHAT_PORT: '3001', DATA_DIR: resolve(root, '.data') })
    expect(apiEnv({}, addresses, keys)).toMatchObject({
      HOST: '127.0.0.1',
      PORT: '3000',
      PUBLIC_URL: 'http://127.0.0.1:3000',
      WXPAY_APP_ID: 'wx0000000000000001',
      WXPAY_MCH_ID: '1900000109',
      WXPAY_API_URL: 'http://127.0.0.1:3001',
      WXPAY_API_BACKUP_URL: 'http://127.0.0.1:3001',
    })
  })

  it('have the keys of both protocols, so that one setting chooses, and nothing set means v3', () => {
    const env = apiEnv({}, demoAddresses({}), keys)
    expect(env).toMatchObject({
      WXPAY_V2_KEY: item.apiKeyV2,
      WXPAY_V3_KEY: item.apiV3Key,
      WXPAY_MERCHANT_PRIVATE_KEY: item.merchantPrivateKey,
      WXPAY_MERCHANT_CERTIFICATE: item.merchantCertificate,
      WXPAY_PUBLIC_KEY_ID: item.platform.publicKeyId,
      WXPAY_PUBLIC_KEY: item.platform.publicKey,
    })
    expect(env['WXPAY_PROTOCOL']).toBeUndefined()
    expect(demoProtocol({})).toBe('v3')
    expect(apiEnv({ WXPAY_PROTOCOL: 'v2' }, demoAddresses({}), keys)).toMatchObject({ ...env, WXPAY_PROTOCOL: 'v2' })
    expect(demoProtocol({ WXPAY_PROTOCOL: 'v2' })).toBe('v2')
  })

  it('have refunds over v2 where the mock takes the certificate', () => {
    const tls = { url: 'https://127.0.0.1:3002', ca: '-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n' }
    const told = { merchant: readMerchant({ items: [item], tls }), operatorToken: 'f' }
    expect(apiEnv({}, demoAddresses({}), told)).toMatchObject({ WXPAY_CERT_API_URL: tls.url, WXPAY_API_CA: tls.ca })
    for (const without of [null, undefined]) {
      expect(readMerchant({ items: [item], tls: without }).settings).not.toHaveProperty('WXPAY_CERT_API_URL')
    }
    expect(() => readMerchant({ items: [item], tls: { url: tls.url } })).toThrow('The mock named no merchant')
  })

  it.each([
    [{}, 3002],
    [{ MOCK_WECHAT_TLS_PORT: '4002' }, 4002],
    [{ MOCK_WECHAT_PORT: '4001', MOCK_WECHAT_TLS_PORT: '4002' }, 4002],
    [{ MOCK_WECHAT_PORT: '4001' }, undefined],
    [{ MOCK_WECHAT_TLS_PORT: 'off' }, undefined],
  ])('know the port that the mock takes for that: %o', (env, port) => {
    expect(demoAddresses(env).mockTls?.port).toBe(port)
  })

  it('open every way to pay, and the console', () => {
    expect(apiEnv({}, demoAddresses({}), keys)).toMatchObject({
      WECHAT_OA_SECRET: 'a'.repeat(32),
      WECHAT_OA_TOKEN: 'token1',
      WECHAT_OA_AES_KEY: 'b'.repeat(43),
      WECHAT_MINIPROGRAM_APP_ID: 'wx0000000000000002',
      WECHAT_MINIPROGRAM_SECRET: 'c'.repeat(32),
      WECHAT_API_URL: 'http://127.0.0.1:3001',
      WECHAT_OPEN_URL: 'http://127.0.0.1:3001',
      WXPAY_H5: 'on',
      WXPAY_SCAN: 'on',
      OPERATOR_TOKEN: keys.operatorToken,
    })
  })

  it('give way to those of the person', () => {
    const env = { PORT: '4000', PUBLIC_URL: 'https://pay.example.com/', SHOP_NAME: 'Mine', WXPAY_PAID_BY: 'notice-or-query', PATH: '/bin' }
    expect(apiEnv(env, demoAddresses(env), keys)).toMatchObject({ ...env, WXPAY_API_URL: 'http://127.0.0.1:3001' })
    expect(demoAddresses(env)).toMatchObject({ shopUrl: 'https://pay.example.com', apiUrl: 'http://127.0.0.1:4000' })
  })

  it('leave out a secret that the person gave as a file', () => {
    const env = { WXPAY_V2_KEY_FILE: '/run/secrets/key' }
    expect(apiEnv(env, demoAddresses(env), keys)['WXPAY_V2_KEY']).toBeUndefined()
  })

  it.each([
    ['0.0.0.0', 'http://127.0.0.1:3000'],
    ['::', 'http://[::1]:3000'],
    ['::1', 'http://[::1]:3000'],
    ['192.0.2.7', 'http://192.0.2.7:3000'],
  ])('listen on %s and are reached at %s', (HOST, url) => {
    expect(demoAddresses({ HOST })).toMatchObject({ host: HOST, shopUrl: url, apiUrl: url })
  })
})

describe('the file of the settings of the demo', () => {
  it('is what node --env-file reads back as the API has them, in folders with any name', () => {
    const env = { DATA_DIR: '/tmp/it\'s "new" \\n#1' }
    const addresses = demoAddresses(env)
    const { PATH: _path, ...ofApi } = apiEnv({ ...env, PATH: '/bin' }, addresses, keys)
    expect(parseEnv(demoEnvFile(env, addresses, keys))).toEqual(ofApi)
  })

  it('has nothing of what the person set', () => {
    const env = { WXPAY_V3_KEY_FILE: '/run/secrets/key', SHOP_NAME: 'Mine', DATABASE_URL: 'postgres://me:secret@host/db' }
    const parsed = parseEnv(demoEnvFile(env, demoAddresses(env), keys))
    for (const name of ['WXPAY_V3_KEY', 'WXPAY_V3_KEY_FILE', 'SHOP_NAME', 'DATABASE_URL']) expect(parsed).not.toHaveProperty(name)
  })
})

describe("the mock's merchants", () => {
  it('give the first one with its first appid', () => {
    expect(merchant).toMatchObject({ mchId: '1900000109', settings: { WXPAY_APP_ID: 'wx0000000000000001' } })
  })

  it.each([
    null,
    {},
    { items: [] },
    { items: [{ mchid: '1' }] },
    { items: [{ ...item, mchid: 1 }] },
    { items: [{ ...item, appids: [] }] },
    { items: [{ ...item, apiV3Key: '' }] },
    { items: [{ ...item, platform: null }] },
    { items: [{ ...item, accounts: item.accounts.slice(0, 1) }] },
  ])('are refused when they are %j', (body) => {
    expect(() => readMerchant(body)).toThrow('named no merchant')
  })
})
