import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { holdOn, type Cores } from './cores.ts'
import { embeddedDatabase } from './embeddedDatabase.ts'
import { freePorts } from './freePorts.ts'
import { readMockMerchant, type MockMerchant } from './mockMerchant.ts'
import { startServer, type Server } from './server.ts'

/** The whole product as processes of its own: mock WeChat on the load's core, API and the database that it runs on the server's. */
export interface Shop {
  apiPort: number
  mockUrl: string
  merchant: MockMerchant
  cores: Cores | null
  database: pg.ClientConfig
  /** Ends every process and removes what they wrote. */
  close(): Promise<void>
}

export interface ShopOptions {
  /** null: nothing is held anywhere. */
  cores: Cores | null
  protocol: 'v2' | 'v3'
  /** WeChat's key that notices are signed with, where it is not the mock that signs them. */
  noticeKey?: { id: string; pem: string }
}

/** No limit that the load of a benchmark could meet. */
const unlimited = { CREATE_PER_MINUTE: '1000000', OPEN_ORDERS_PER_ADDRESS: '1000000' }

export async function startShop(options: ShopOptions): Promise<Shop> {
  const dataDir = mkdtempSync(join(tmpdir(), 'wxpay-bench-'))
  chmodSync(dataDir, 0o755) // under root PostgreSQL runs as somebody else, who has to pass
  const { cores } = options
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
    const api = await startServer({
      name: 'API',
      main: 'apps/api/src/main.ts',
      env: { ...apiSettings({ apiPort, mockUrl, dataDir, merchant }), ...protocolSettings(options, merchant) },
      readyUrl: `http://127.0.0.1:${apiPort}/readyz`,
      logFile: join(dataDir, 'logs/api.log'),
      core: cores?.server,
    })
    begun.push(api)
    return { apiPort, mockUrl, merchant, cores, database: embeddedDatabase(dataDir), close }
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
    ...unlimited,
  }
}

function protocolSettings({ protocol, noticeKey }: ShopOptions, merchant: MockMerchant): Record<string, string> {
  if (protocol === 'v2') return { WXPAY_PROTOCOL: 'v2', WXPAY_V2_KEY: merchant.v2Key }
  return {
    WXPAY_PROTOCOL: 'v3',
    WXPAY_V3_KEY: merchant.v3Key,
    WXPAY_MERCHANT_PRIVATE_KEY: merchant.merchantPrivateKey,
    WXPAY_MERCHANT_SERIAL: merchant.merchantSerial,
    WXPAY_PUBLIC_KEY_ID: noticeKey?.id ?? merchant.publicKeyId,
    WXPAY_PUBLIC_KEY: noticeKey?.pem ?? merchant.publicKey,
  }
}
