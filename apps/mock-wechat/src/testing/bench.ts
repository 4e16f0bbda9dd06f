import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { defaultSwitches, type Switches } from '../config.ts'
import { startMock, type MockOptions } from '../server.ts'
import type { SignType } from '../v2/sign.ts'
import { controlOf } from './control.ts'
import { createJsonShop } from './jsonShop.ts'
import { provideMerchants } from './merchants.ts'
import { openReceiver, type Reply } from './receiver.ts'
import { createShop } from './shop.ts'

export function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'mock-wechat-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

export interface BenchOptions extends Partial<Omit<MockOptions, 'switches'>> {
  switches?: Partial<Switches>
  signType?: SignType
  reply?: Reply
}

/** A running mock on a free port, one of its merchants, and the address where the notices arrive. Stops with the test. */
export async function openBench({ switches = {}, signType = 'HMAC-SHA256', reply, ...options }: BenchOptions = {}) {
  const dataDir = options.dataDir ?? temporaryFolder()
  await provideMerchants(dataDir)
  const base = { host: '127.0.0.1', port: 0, logLevel: 'silent' }
  const mock = await startMock({ ...base, ...options, dataDir, switches: { ...defaultSwitches, ...switches } })
  onTestFinished(() => mock.stop())
  const receiver = await openReceiver(reply)
  const control = controlOf(mock.url)
  const merchants = await control.merchants()
  const [merchant, other] = merchants
  const appid = merchant?.appids[0]
  if (!merchant || !other || !appid) throw new Error('the mock has no merchants')
  const settings = { url: mock.url, mchid: merchant.mchid, appid, key: merchant.apiKeyV2, notifyUrl: receiver.url, signType }
  const jsonShop = createJsonShop({ url: mock.url, merchant, notifyUrl: receiver.url })
  return { mock, url: mock.url, dataDir, receiver, control, merchant, other, settings, shop: createShop(settings), jsonShop }
}
