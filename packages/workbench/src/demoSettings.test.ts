import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { apiEnv, demoAddresses, mockEnv, readMerchant } from './demoSettings.ts'
import { root } from './paths.ts'

const merchant = { mchId: '1900000109', appId: 'wx0000000000000001', apiKeyV2: 'k'.repeat(32) }

describe('the settings of the demo', () => {
  it('are complete without any of the person', () => {
    const addresses = demoAddresses({})
    expect(mockEnv({}, addresses)).toMatchObject({ HOST: '127.0.0.1', MOCK_WECHAT_PORT: '3001', DATA_DIR: resolve(root, '.data') })
    expect(apiEnv({}, addresses, merchant)).toMatchObject({
      HOST: '127.0.0.1',
      PORT: '3000',
      PUBLIC_URL: 'http://127.0.0.1:3000',
      WXPAY_APP_ID: merchant.appId,
      WXPAY_MCH_ID: merchant.mchId,
      WXPAY_V2_KEY: merchant.apiKeyV2,
      WXPAY_API_URL: 'http://127.0.0.1:3001',
      WXPAY_API_BACKUP_URL: 'http://127.0.0.1:3001',
    })
  })

  it('give way to those of the person', () => {
    const env = { PORT: '4000', PUBLIC_URL: 'https://pay.example.com/', SHOP_NAME: 'Mine', WXPAY_PAID_BY: 'notice-or-query', PATH: '/bin' }
    expect(apiEnv(env, demoAddresses(env), merchant)).toMatchObject({ ...env, WXPAY_API_URL: 'http://127.0.0.1:3001' })
    expect(demoAddresses(env)).toMatchObject({ shopUrl: 'https://pay.example.com', apiUrl: 'http://127.0.0.1:4000' })
  })

  it('leave out a secret that the person gave as a file', () => {
    const env = { WXPAY_V2_KEY_FILE: '/run/secrets/key' }
    expect(apiEnv(env, demoAddresses(env), merchant)['WXPAY_V2_KEY']).toBeUndefined()
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

describe("the mock's merchants", () => {
  it('give the first one with its first appid', () => {
    const items = [{ mchid: '1900000109', appids: ['wx1', 'wx2'], apiKeyV2: 'secret' }, { mchid: 'other' }]
    expect(readMerchant({ items })).toEqual({ mchId: '1900000109', appId: 'wx1', apiKeyV2: 'secret' })
  })

  it.each([null, {}, { items: [] }, { items: [{ mchid: '1' }] }, { items: [{ mchid: 1, appids: ['wx'], apiKeyV2: 'k' }] }])(
    'are refused when they are %j',
    (body) => {
      expect(() => readMerchant(body)).toThrow('named no merchant')
    },
  )
})
