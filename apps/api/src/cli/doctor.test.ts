import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compileCache } from '../testing/compileCache.ts'
import { startMockWechat, type MockMerchant, type MockWechat } from '../testing/mockWechat.ts'

const doctorPath = fileURLToPath(new URL('./doctor.ts', import.meta.url))

let mock: MockWechat
let mine: MockMerchant
let other: MockMerchant

beforeAll(async () => {
  mock = await startMockWechat()
  ;[mine, other] = mock.merchants
})
afterAll(() => mock.stop())

type Env = Record<string, string | undefined>

const v2 = (): Env => ({
  SHOP_NAME: '青禾书店',
  WXPAY_API_URL: mock.url,
  WXPAY_APP_ID: mine.appids[0],
  WXPAY_MCH_ID: mine.mchid,
  WXPAY_V2_KEY: mine.apiKeyV2,
  WXPAY_MERCHANT_PRIVATE_KEY: mine.merchantPrivateKey,
  WXPAY_MERCHANT_CERTIFICATE: mine.merchantCertificate,
})

interface Run {
  code: number
  output: string
}

/** As a person runs it. */
async function doctor(env: Env, ...args: string[]): Promise<Run> {
  const run = await new Promise<Run>((resolve) => {
    execFile(process.execPath, [doctorPath, ...args], { env: { PATH: '', ...compileCache, ...env } }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 128 : 0, output: stdout + stderr })
    })
  })
  for (const secret of [mine.apiKeyV2, other.apiKeyV2]) expect(run.output).not.toContain(secret)
  return run
}

describe('the doctor', () => {
  it('prints a table and leaves with 0 when nothing is wrong', async () => {
    const { code, output } = await doctor(v2())
    expect(output).toMatch(/^v2 signature +ok +WeChat accepts our signature/m)
    expect(output).toMatch(/^notify address +ok +.*\(demo/m)
    expect(output).toContain('Nothing is wrong')
    expect(code).toBe(0)
  })

  it('prints a table and leaves with 1 on a fault, naming the setting', async () => {
    const { code, output } = await doctor({ ...v2(), WXPAY_V2_KEY: other.apiKeyV2 })
    expect(output).toMatch(/^v2 signature +fault +WeChat says "签名错误"/m)
    expect(output).toMatch(/^ +appid=wx.*&key=\*{4}$/m)
    expect(output).toMatch(/WXPAY_V2_KEY/)
    expect(code).toBe(1)
  })

  it('prints settings that the service would not start with as faults, all at once', async () => {
    const settings = { ...v2(), WXPAY_V2_KEY: mine.apiKeyV2.slice(1), WXPAY_MCH_ID: '', PUBLIC_URL: 'http://shop.example.com' }
    const { code, output } = await doctor(settings)
    for (const name of ['WXPAY_V2_KEY', 'WXPAY_MCH_ID', 'PUBLIC_URL']) expect(output).toMatch(new RegExp(`^${name} +fault `, 'm'))
    expect(output).not.toContain(mine.apiKeyV2.slice(1))
    expect(code).toBe(1)
  })

  it('says how it is called', async () => {
    const { code, output } = await doctor(v2(), '--fix')
    expect(output).toMatch(/^usage: doctor/)
    expect(code).toBe(2)
  })

  it('prints the same for programs', async () => {
    const { code, output } = await doctor({ ...v2(), WXPAY_V2_KEY: other.apiKeyV2 }, '--json')
    const findings: unknown = expect.arrayContaining([expect.objectContaining({ check: 'v2 signature', state: 'fault' })])
    expect(JSON.parse(output)).toEqual({ ok: false, findings })
    expect(code).toBe(1)
  })
})
