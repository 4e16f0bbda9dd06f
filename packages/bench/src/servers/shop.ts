import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import type { NoticeKeys } from '../wechat/v3.ts'
import { cpuMsOf, withChildren } from './cpuTime.ts'
import { holdOn, type Cores } from './cores.ts'
import { embeddedDatabase } from './embeddedDatabase.ts'
import { freePorts } from './freePorts.ts'
import { readMockMerchant, type MockMerchant } from './mockMerchant.ts'
import { startServer, type Server } from './server.ts'

/** The whole product as processes of its own: mock WeChat on the load's core, API and the database that it runs on the server's. */
export interface Shop {
  apiPort: number
  apiPid: number
  mockUrl: string
  merchant: MockMerchant
  protocol: 'v2' | 'v3'
  /** What notices of protocol v3 are to be made with. */
  noticeKeys: NoticeKeys
  cores: Cores | null
  database: pg.ClientConfig
  /** The processor's time that the API and PostgreSQL have taken, in ms; null where the system does not tell. */
  cpuMs: { api(): number; postgres(): number } | null
  /** Ends every process and removes what they wrote. */
  close(): Promise<void>
}

export interface ShopOptions {
  /** null: nothing is held anywhere. */
  cores: Cores | null
  /** Of the calls to WeChat. */
  protocol: 'v2' | 'v3'
}

/** No limit that the load of a benchmark could meet. */
const unlimited = { CREATE_PER_MINUTE: '1000000', OPEN_ORDERS_PER_ADDRESS: '1000000' }

export async function startShop({ cores, protocol }: ShopOptions): Promise<Shop> {
  const dataDir = mkdtempSync(join(tmpdir(), 'wxpay-bench-'))
  chmodSync(dataDir, 0o755) // under root PostgreSQL runs as somebody else, who has to pass
  const begun: Server[] = []

  async function close(): Promise<void> {
    for (const server of begun.toReversed()) await server.stop()
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 })
    if (cores) holdOn([cores.server, cores.load])
  }

  try {
    if (cores) holdOn([cores.load])
    const [apiPort = 0, mockPort = 0] = await freePorts(2)
    const mockUrl = `http://127.0.0.1:${mockPort}`
    const mock = await startServer({
      name: 'mock',
      main: 'apps/mock-wechat/src/main.ts',
      env: { HOST: '127.0.0.1', MOCK_WECHAT_PORT: String(mockPort), DATA_DIR: dataDir },
      readyUrl: `${mockUrl}/_control/health`,
      logFile: join(dataDir, 'logs/mock.log'),
      core: cores?.load,
    })
    begun.push(mock)
    const merchant = await readMockMerchant(mockUrl)
    const wechat = await bePublicKey(mockUrl)
    const api = await startServer({
      name: 'API',
      main: 'apps/api/src/main.ts',
      env: { ...apiSettings({ apiPort, mockUrl, dataDir, merchant }), ...protocolSettings(protocol, merchant, wechat) },
      readyUrl: `http://127.0.0.1:${apiPort}/readyz`,
      logFile: join(dataDir, 'logs/api.log'),
      core: cores?.server,
    })
    begun.push(api)
    const { id: keyId, privateKey } = wechat
    const noticeKeys = { keyId, privateKey, apiV3Key: merchant.v3Key }
    const { pid, config: database } = embeddedDatabase(dataDir)
    const cpuMs = cores && { api: () => cpuMsOf([api.pid]), postgres: () => cpuMsOf(withChildren(pid)) }
    return { apiPort, apiPid: api.pid, mockUrl, merchant, protocol, noticeKeys, cores, database, cpuMs, close }
  } catch (error) {
    await close()
    throw error
  }
}

function apiSettings(about: { apiPort: number; mockUrl: string; dataDir: string; merchant: MockMerchant }): Record<string, string> {
  const { apiPort, mockUrl, dataDir, merchant } = about
  return {
    HOST: '127.0.0.1',
    PORT: String(apiPort),
    DATA_DIR: dataDir,
    WXPAY_API_URL: mockUrl,
    WXPAY_APP_ID: merchant.appId,
    WXPAY_MCH_ID: merchant.mchId,
    SHOP_NAME: 'Measured shop',
    TRUSTED_PROXIES: '127.0.0.1',
    ...unlimited,
  }
}

interface WechatKey {
  id: string
  privateKey: KeyObject
  publicKey: string
}

/**
 * The mock keeps WeChat's private keys to itself. So that notices can be made before a round, WeChat's public key is one of ours, and the
 * mock signs its answers with a platform certificate: a merchant has both while WeChat moves from one to the other.
 */
async function bePublicKey(mockUrl: string): Promise<WechatKey> {
  const response = await fetch(`${mockUrl}/_control/signing`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ mode: 'cert' }),
  })
  if (!response.ok) throw new Error(`the mock answered ${response.status}: ${await response.text()}`)
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const id = 'PUB_KEY_ID_0119000001092026112100000000000001'
  return { id, privateKey, publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() }
}

function protocolSettings(protocol: ShopOptions['protocol'], merchant: MockMerchant, wechat: WechatKey): Record<string, string> {
  if (protocol === 'v2') return { WXPAY_PROTOCOL: 'v2', WXPAY_V2_KEY: merchant.v2Key }
  return {
    WXPAY_PROTOCOL: 'v3',
    WXPAY_V3_KEY: merchant.v3Key,
    WXPAY_MERCHANT_PRIVATE_KEY: merchant.merchantPrivateKey,
    WXPAY_MERCHANT_SERIAL: merchant.merchantSerial,
    WXPAY_PUBLIC_KEY_ID: wechat.id,
    WXPAY_PUBLIC_KEY: wechat.publicKey,
  }
}
