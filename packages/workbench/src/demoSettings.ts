import { join, resolve } from 'node:path'
import { isObject, root } from './paths.ts'
import { type PortSetting, readPort } from './ports.ts'

export interface DemoAddresses {
  host: string
  shop: PortSetting
  mock: PortSetting
  /** What shoppers and WeChat see: PUBLIC_URL. No slash at the end of any of these. */
  shopUrl: string
  /** The API and the mock as this machine reaches them. */
  apiUrl: string
  mockUrl: string
  /** Absolute. */
  dataDir: string
}

/** The demo merchant that the mock knows. */
export interface DemoMerchant {
  mchId: string
  appId: string
  apiKeyV2: string
}

/** @throws {Error} that names a setting that cannot be used */
export function demoAddresses(env: NodeJS.ProcessEnv): DemoAddresses {
  const host = env['HOST'] || '127.0.0.1'
  const shop = readPort(env, 'PORT', 3000)
  const mock = readPort(env, 'MOCK_WECHAT_PORT', 3001)
  const apiUrl = localUrl(host, shop.port)
  return {
    host,
    shop,
    mock,
    shopUrl: env['PUBLIC_URL']?.replace(/\/+$/, '') || apiUrl,
    apiUrl,
    mockUrl: localUrl(host, mock.port),
    dataDir: resolve(root, env['DATA_DIR'] || '.data'),
  }
}

export function mockEnv(env: NodeJS.ProcessEnv, addresses: DemoAddresses): NodeJS.ProcessEnv {
  return withDefaults(env, listenDefaults(addresses))
}

/** What the person set wins; the rest is the demo's. Limits on anonymous creation are far up: a demo is clicked, scripted and shown. */
export function apiEnv(env: NodeJS.ProcessEnv, addresses: DemoAddresses, merchant: DemoMerchant): NodeJS.ProcessEnv {
  return withDefaults(env, {
    ...listenDefaults(addresses),
    PUBLIC_URL: addresses.shopUrl,
    WXPAY_APP_ID: merchant.appId,
    WXPAY_MCH_ID: merchant.mchId,
    WXPAY_V2_KEY: merchant.apiKeyV2,
    WXPAY_PROTOCOL: 'v2',
    WXPAY_API_URL: addresses.mockUrl,
    WXPAY_API_BACKUP_URL: addresses.mockUrl,
    SHOP_NAME: '青禾书店',
    SHOP_CONTACT: '010-5555 0100',
    CREATE_PER_MINUTE: '6000',
    OPEN_ORDERS_PER_ADDRESS: '10000',
  })
}

/** @param body - the answer to GET /_control/merchants. @throws {Error} when it is not one */
export function readMerchant(body: unknown): DemoMerchant {
  const items = isObject(body) ? body['items'] : undefined
  const first: unknown = Array.isArray(items) ? items[0] : undefined
  if (isObject(first) && Array.isArray(first['appids'])) {
    const { mchid, apiKeyV2 } = first
    const appId: unknown = first['appids'][0]
    if (typeof mchid === 'string' && typeof apiKeyV2 === 'string' && typeof appId === 'string') return { mchId: mchid, appId, apiKeyV2 }
  }
  throw new Error('The mock named no merchant (GET /_control/merchants).')
}

export function logFile(addresses: DemoAddresses, name: string): string {
  return join(addresses.dataDir, 'logs', `${name}.log`)
}

function listenDefaults({ host, shop, mock, dataDir }: DemoAddresses): Record<string, string> {
  return { HOST: host, PORT: String(shop.port), MOCK_WECHAT_PORT: String(mock.port), DATA_DIR: dataDir }
}

/** A setting counts as given also when it is given as a file (NAME_FILE). */
function withDefaults(env: NodeJS.ProcessEnv, defaults: Record<string, string>): NodeJS.ProcessEnv {
  const missing = Object.entries(defaults).filter(([name]) => !env[name] && !env[`${name}_FILE`])
  return { ...env, ...Object.fromEntries(missing), DATA_DIR: defaults['DATA_DIR'] ?? env['DATA_DIR'] }
}

/** Listening everywhere is no address to call: this machine reaches it on its loopback. */
function localUrl(host: string, port: number): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
