import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { toFen } from 'wxpay-core/money'
import { createWechatPayV3 } from 'wxpay-core/protocol'
import { startMockWechat, type MockMerchant, type MockWechat } from '../testing/mockWechat.ts'
import { examine } from './examine.ts'

let mock: MockWechat
let mine: MockMerchant
let other: MockMerchant

beforeAll(async () => {
  mock = await startMockWechat()
  ;[mine, other] = mock.merchants
})
afterEach(async () => {
  await mock.order('DELETE', 'faults')
  await mock.order('POST', 'signing', { mchid: mine.mchid, mode: 'pubkey' })
})
afterAll(() => mock.stop())

type Env = Record<string, string | undefined>

const common = (): Env => ({
  SHOP_NAME: '青禾书店',
  WXPAY_API_URL: mock.url,
  WXPAY_APP_ID: mine.appids[0],
  WXPAY_MCH_ID: mine.mchid,
})
const v2 = (): Env => ({ ...common(), ...certificate(), WXPAY_V2_KEY: mine.apiKeyV2 })
const certificate = (): Env => ({
  WXPAY_MERCHANT_PRIVATE_KEY: mine.merchantPrivateKey,
  WXPAY_MERCHANT_CERTIFICATE: mine.merchantCertificate,
})
const v3 = (): Env => ({
  ...common(),
  WXPAY_V3_KEY: mine.apiV3Key,
  WXPAY_MERCHANT_PRIVATE_KEY: mine.merchantPrivateKey,
  WXPAY_MERCHANT_CERTIFICATE: mine.merchantCertificate,
  WXPAY_PUBLIC_KEY_ID: mine.platform.publicKeyId,
  WXPAY_PUBLIC_KEY: mine.platform.publicKey,
})
const certificatesToo = (mode: 'mixed' | 'cert' = 'mixed') => mock.order('POST', 'signing', { mchid: mine.mchid, mode })

/** Keys, and every line of a private key. */
function secretsOf(env: Env): string[] {
  const pems = [mine.merchantPrivateKey, other.merchantPrivateKey, env['WXPAY_MERCHANT_PRIVATE_KEY'] ?? '']
  const lines = pems.flatMap((pem) => pem.split(/\n|\\n/)).filter((line) => line.length > 20 && !line.startsWith('---'))
  const keys = [mine, other].flatMap(({ apiKeyV2, apiV3Key }) => [apiKeyV2, apiV3Key])
  return [...lines, ...keys, env['WXPAY_V2_KEY'] ?? '', env['WXPAY_V3_KEY'] ?? ''].filter((secret) => secret !== '')
}

interface Options {
  /** A payment that WeChat knows. */
  payment?: string
}

/** What is not ok, e.g. "v2 signature fault", and what is said of it. Whatever is asked, no secret of either merchant may come out. */
async function examined(env: Env, { payment }: Options = {}) {
  const findings = await examine(env, payment)
  const shown = JSON.stringify(findings)
  for (const secret of secretsOf(env)) expect(shown).not.toContain(secret)
  const troubles = findings.filter(({ state }) => state !== 'ok')
  const detailOf = (check: string) => troubles.find((trouble) => trouble.check === check)?.detail ?? ''
  return { troubles: troubles.map(({ check, state }) => `${check} ${state}`), detailOf }
}

describe('whatever the protocol, the doctor', () => {
  it('finds an address for notices that WeChat cannot reach', async () => {
    const { troubles, detailOf } = await examined({ ...v2(), PUBLIC_URL: 'https://192.168.1.10', TRUSTED_PROXIES: 'none' })
    expect(troubles).toEqual(['notify address fault'])
    expect(detailOf('notify address')).toContain('private')
  })

  it('finds that nobody answers', async () => {
    const { troubles, detailOf } = await examined({ ...v2(), WXPAY_API_URL: 'http://127.0.0.1:1' })
    expect(troubles).toEqual(['connection fault', 'v2 signature warning'])
    expect(detailOf('connection')).toContain('refused')
  })

  it.each([
    [45_000, 'clock warning'],
    [-3_600_000, 'clock fault'],
  ])('R22 finds a clock that differs by %i ms', async (ms, trouble) => {
    await mock.order('POST', 'faults', { on: 'query', kind: 'skew', ms })
    expect(await examined(v2())).toMatchObject({ troubles: [trouble] })
  })
})

describe('with protocol v2, the doctor', () => {
  it('says that refunds are possible with the certificate, and not without', async () => {
    const rows = await examine(v2())
    expect(rows.find(({ check }) => check === 'refunds')).toMatchObject({
      state: 'ok',
      detail: expect.stringContaining('by the certificate'),
    })
    const without = await examined({ ...common(), WXPAY_V2_KEY: mine.apiKeyV2 })
    expect(without.troubles).toEqual(['refunds warning'])
    expect(without.detailOf('refunds')).toContain('not possible without')
  })

  it('finds that appid and merchant number are not bound', async () => {
    const { troubles, detailOf } = await examined({ ...v2(), WXPAY_APP_ID: other.appids[0] })
    expect(troubles).toEqual(['v2 signature fault'])
    expect(detailOf('v2 signature')).toContain('不匹配')
  })

  it.each([
    ['unsigned', 'has no signature'],
    ['wrong-key', 'cannot be verified'],
    ['other-sign-type', 'signed by MD5, not by HMAC-SHA256'],
    ['other-mchid', 'another merchant'],
  ])('finds an answer that is %s', async (kind, words) => {
    await mock.order('POST', 'faults', { on: 'query', kind })
    const { troubles, detailOf } = await examined(v2())
    expect(troubles).toEqual(['v2 signature fault'])
    expect(detailOf('v2 signature')).toContain(words)
  })

  it('finds a call that is cut off', async () => {
    await mock.order('POST', 'faults', { on: 'query', kind: 'reset-before' })
    expect(await examined(v2())).toMatchObject({ troubles: ['v2 signature fault'] })
  })
})

describe('with protocol v3, the doctor', () => {
  it('is content with what WeChat gave the merchant, but for what it has not seen', async () => {
    const { troubles } = await examined(v3())
    expect(troubles).toEqual(['v3 answers warning'])
  })

  it('is content in every way when WeChat lists certificates, or a payment is named', async () => {
    const outTradeNo = await newPayment()
    expect(await examined(v3(), { payment: outTradeNo })).toMatchObject({ troubles: [] })
    await certificatesToo()
    expect(await examined(v3())).toMatchObject({ troubles: [] })
    expect(await examined({ ...v3(), WXPAY_V2_KEY: mine.apiKeyV2 })).toMatchObject({ troubles: [] })
  })

  it('is content with certificates alone', async () => {
    await certificatesToo('cert')
    expect(await examined({ ...v3(), WXPAY_PUBLIC_KEY_ID: '', WXPAY_PUBLIC_KEY: '' })).toMatchObject({ troubles: [] })
  })

  it('wants the public key when WeChat has no certificates for the merchant', async () => {
    const { troubles } = await examined({ ...v3(), WXPAY_PUBLIC_KEY_ID: '', WXPAY_PUBLIC_KEY: '' })
    expect(troubles).toContain('platform certificates fault')
  })

  it.each<[string, () => Env, string]>([
    ['an APIv3 key of 31 characters', () => ({ WXPAY_V3_KEY: mine.apiV3Key.slice(1) }), 'WXPAY_V3_KEY fault'],
    ['a public-key id of another form', () => ({ WXPAY_PUBLIC_KEY_ID: mine.platform.serial }), 'WXPAY_PUBLIC_KEY_ID fault'],
    ['a certificate where the public key belongs', () => ({ WXPAY_PUBLIC_KEY: mine.platform.certificate }), 'WXPAY_PUBLIC_KEY fault'],
    [
      'a certificate that does not fit the private key',
      () => ({ WXPAY_MERCHANT_CERTIFICATE: other.merchantCertificate }),
      'WXPAY_MERCHANT_CERTIFICATE fault',
    ],
    ['a serial that is not the certificate’s', () => ({ WXPAY_MERCHANT_SERIAL: other.merchantSerial }), 'WXPAY_MERCHANT_SERIAL fault'],
  ])('finds %s among the settings', async (_name, settings, trouble) => {
    expect(await examined({ ...v3(), ...settings() })).toMatchObject({ troubles: [trouble] })
  })

  it('finds that the certificate is of another merchant', async () => {
    const { troubles, detailOf } = await examined({
      ...v3(),
      WXPAY_MERCHANT_PRIVATE_KEY: other.merchantPrivateKey,
      WXPAY_MERCHANT_CERTIFICATE: other.merchantCertificate,
    })
    expect(troubles).toEqual(['certificate fault', 'v3 signature fault'])
    expect(detailOf('certificate')).toContain(other.mchid)
  })

  it('finds a wrong serial', async () => {
    const { troubles, detailOf } = await examined({ ...v3(), WXPAY_MERCHANT_CERTIFICATE: '', WXPAY_MERCHANT_SERIAL: other.merchantSerial })
    expect(troubles).toEqual(['v3 signature fault'])
    expect(detailOf('v3 signature')).toMatch(/wrong serial.*序列号/)
    expect(detailOf('v3 signature')).toContain(other.merchantSerial)
  })

  it('finds the private key of another merchant, and shows both texts', async () => {
    const { troubles, detailOf } = await examined({
      ...v3(),
      WXPAY_MERCHANT_PRIVATE_KEY: other.merchantPrivateKey,
      WXPAY_MERCHANT_CERTIFICATE: '',
      WXPAY_MERCHANT_SERIAL: mine.merchantSerial,
    })
    expect(troubles).toEqual(['v3 signature fault'])
    expect(detailOf('v3 signature')).toMatch(
      /签名错误.*We signed \(SHA-256 of it: [0-9a-f]{64}.* 1 {2}GET\n.*WeChat verified it over:\n.*Both are the same/s,
    )
  })

  it('finds an APIv3 key that is not WeChat’s', async () => {
    await certificatesToo()
    expect(await examined({ ...v3(), WXPAY_V3_KEY: other.apiV3Key })).toMatchObject({ troubles: ['v3 key fault'] })
  })

  it('finds the public key of another merchant, also under the right id', async () => {
    const outTradeNo = await newPayment()
    const wrong = { ...v3(), WXPAY_PUBLIC_KEY: other.platform.publicKey }
    expect(await examined(wrong, { payment: outTradeNo })).toMatchObject({ troubles: ['v3 answers fault'] })
    await certificatesToo()
    expect(await examined(wrong)).toMatchObject({ troubles: ['v3 answers fault'] })
  })

  it.each([
    ['unsigned', 'v3 answers fault', 'is missing'],
    ['wrong-signature', 'v3 answers fault', 'does not fit'],
    ['unknown-serial', 'v3 answers fault', 'a key that we do not have'],
    ['stale', 'v3 answers fault', 'five minutes'],
    ['signtest', 'v3 answers warning', 'SIGNTEST'],
    ['http-502', 'platform certificates warning', 'HTTP 502'],
  ])('finds an answer that is %s', async (kind, trouble, words) => {
    await certificatesToo()
    await mock.order('POST', 'faults', { on: 'certificates', kind })
    const { troubles, detailOf } = await examined(v3())
    expect(troubles).toContain(trouble)
    expect(detailOf(trouble.replace(/ \w+$/, ''))).toContain(words)
  })

  it('R22 finds a clock that is wrong', async () => {
    await certificatesToo()
    await mock.order('POST', 'faults', { on: 'certificates', kind: 'skew' })
    expect(await examined(v3())).toMatchObject({ troubles: ['clock fault'] })
  })
})

/** A payment that WeChat knows, made with the right keys. */
async function newPayment(): Promise<string> {
  const wechat = createWechatPayV3({
    appId: mine.appids[0],
    mchId: mine.mchid,
    key: mine.apiV3Key,
    merchantPrivateKey: mine.merchantPrivateKey,
    merchantSerial: mine.merchantSerial,
    publicKey: { id: mine.platform.publicKeyId, pem: mine.platform.publicKey },
    apiUrl: mock.url,
  })
  const outTradeNo = `T${randomBytes(12).toString('hex')}`
  try {
    const facts = { tradeType: 'native', description: '一本书', totalFen: toFen(100), clientIp: '127.0.0.1' } as const
    await wechat.prepay({
      ...facts,
      outTradeNo,
      notifyUrl: `${mock.url}/nobody`,
      expiresAt: new Date(Math.ceil(Date.now() / 1000) * 1000 + 900_000),
    })
    return outTradeNo
  } finally {
    await wechat.destroy()
  }
}
