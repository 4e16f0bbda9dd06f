import { join, resolve } from 'node:path'
import { isObject, root } from './paths.ts'
import { type PortSetting, readPort } from './ports.ts'

export interface DemoAddresses {
  host: string
  shop: PortSetting
  mock: PortSetting
  /** Where the mock takes calls with a client certificate; null: it chooses, or there is none. */
  mockTls: PortSetting | null
  /** What shoppers and WeChat see: PUBLIC_URL. No slash at the end of any of these. */
  shopUrl: string
  /** The API and the mock as this machine reaches them. */
  apiUrl: string
  mockUrl: string
  /** Absolute. */
  dataDir: string
}

/** The demo merchant that the mock knows: the settings of both protocols, by their names. Its keys are worth nothing outside the mock. */
export interface DemoMerchant {
  mchId: string
  settings: Record<string, string>
}

/** What the demo makes up, beside addresses. */
export interface DemoKeys {
  merchant: DemoMerchant
  /** Opens the console. */
  operatorToken: string
}

const usualMockPort = 3001

/** @throws {Error} that names a setting that cannot be used */
export function demoAddresses(env: NodeJS.ProcessEnv): DemoAddresses {
  const host = env['HOST'] || '127.0.0.1'
  const shop = readPort(env, 'PORT', 3000)
  const mock = readPort(env, 'MOCK_WECHAT_PORT', usualMockPort)
  const apiUrl = localUrl(host, shop.port)
  return {
    host,
    shop,
    mock,
    mockTls: mockTls(env, mock),
    shopUrl: env['PUBLIC_URL']?.replace(/\/+$/, '') || apiUrl,
    apiUrl,
    mockUrl: localUrl(host, mock.port),
    dataDir: resolve(root, env['DATA_DIR'] || '.data'),
  }
}

/** A second mock, which listens elsewhere, takes any free port, and tells it. */
function mockTls(env: NodeJS.ProcessEnv, mock: PortSetting): PortSetting | null {
  const name = 'MOCK_WECHAT_TLS_PORT'
  if (env[name] === 'off' || (!env[name] && mock.port !== usualMockPort)) return null
  return readPort(env, name, 3002)
}

export function mockEnv(env: NodeJS.ProcessEnv, addresses: DemoAddresses): NodeJS.ProcessEnv {
  return withDefaults(env, listenDefaults(addresses))
}

/** What the person set wins; the rest is the demo's. The keys of both protocols are there, so WXPAY_PROTOCOL alone chooses. */
export function apiEnv(env: NodeJS.ProcessEnv, addresses: DemoAddresses, keys: DemoKeys): NodeJS.ProcessEnv {
  return withDefaults(env, apiDefaults(addresses, keys))
}

/** What the API chooses when nothing is set and the keys of both are there. */
export function demoProtocol(env: NodeJS.ProcessEnv): string {
  return env['WXPAY_PROTOCOL'] || 'v3'
}

/**
 * The demo's settings as a file for `node --env-file`, so that the commands of the shell can be used beside it. Only what the demo
 * has made up: what the person set stays in the person's environment, which outranks the file.
 */
export function demoEnvFile(env: NodeJS.ProcessEnv, addresses: DemoAddresses, keys: DemoKeys): string {
  const own = { ...missingIn(env, apiDefaults(addresses, keys)), DATA_DIR: addresses.dataDir }
  // Between backquotes Node takes everything as it stands, line breaks too.
  return Object.entries(own)
    .map(([name, value]) => `${name}=\`${value}\`\n`)
    .join('')
}

/** Limits on anonymous creation are far up: a demo is clicked, scripted and shown. */
function apiDefaults(addresses: DemoAddresses, { merchant, operatorToken }: DemoKeys): Record<string, string> {
  return {
    ...listenDefaults(addresses),
    PUBLIC_URL: addresses.shopUrl,
    ...merchant.settings,
    WXPAY_API_URL: addresses.mockUrl,
    WXPAY_API_BACKUP_URL: addresses.mockUrl,
    WECHAT_API_URL: addresses.mockUrl,
    WECHAT_OPEN_URL: addresses.mockUrl,
    WXPAY_H5: 'on',
    WXPAY_SCAN: 'on',
    OPERATOR_TOKEN: operatorToken,
    SHOP_NAME: '青禾书店',
    SHOP_CONTACT: '010-5555 0100',
    CREATE_PER_MINUTE: '6000',
    OPEN_ORDERS_PER_ADDRESS: '10000',
  }
}

/** @param body - the answer to GET /_control/merchants. @throws {Error} when it is not one */
export function readMerchant(body: unknown): DemoMerchant {
  const items = isObject(body) ? body['items'] : undefined
  const first: unknown = Array.isArray(items) ? items[0] : undefined
  if (!isObject(first)) throw new Error(noMerchant)
  const { mchid, appids, platform, accounts, ...own } = first
  const { publicKeyId, publicKey } = isObject(platform) ? platform : {}
  const appId: unknown = Array.isArray(appids) ? appids[0] : undefined
  return {
    mchId: told(mchid),
    settings: {
      WXPAY_APP_ID: told(appId),
      WXPAY_MCH_ID: told(mchid),
      WXPAY_V2_KEY: told(own['apiKeyV2']),
      WXPAY_V3_KEY: told(own['apiV3Key']),
      WXPAY_MERCHANT_PRIVATE_KEY: told(own['merchantPrivateKey']),
      WXPAY_MERCHANT_CERTIFICATE: told(own['merchantCertificate']),
      WXPAY_PUBLIC_KEY_ID: told(publicKeyId),
      WXPAY_PUBLIC_KEY: told(publicKey),
      ...readAccounts(accounts),
      ...readTls(body),
    },
  }
}

/** A mock without TLS has none of it: there are no refunds over v2 then. */
function readTls(body: unknown): Record<string, string> {
  const tls = isObject(body) ? body['tls'] : undefined
  return isObject(tls) ? { WXPAY_CERT_API_URL: told(tls['url']), WXPAY_API_CA: told(tls['ca']) } : {}
}

/** Of the official account, which has the merchant's first appid, and of the mini program. */
function readAccounts(accounts: unknown): Record<string, string> {
  const ofKind = (kind: string) => (Array.isArray(accounts) ? accounts.filter(isObject).find((account) => account['kind'] === kind) : null)
  const [official, miniProgram] = [ofKind('official-account'), ofKind('mini-program')]
  return {
    WECHAT_OA_SECRET: told(official?.['secret']),
    WECHAT_OA_TOKEN: told(official?.['token']),
    WECHAT_OA_AES_KEY: told(official?.['aesKey']),
    WECHAT_MINIPROGRAM_APP_ID: told(miniProgram?.['appid']),
    WECHAT_MINIPROGRAM_SECRET: told(miniProgram?.['secret']),
  }
}

const noMerchant = 'The mock named no merchant with the keys of both protocols and two accounts (GET /_control/merchants).'

function told(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new Error(noMerchant)
  return value
}

export function logFile(addresses: DemoAddresses, name: string): string {
  return join(addresses.dataDir, 'logs', `${name}.log`)
}

function listenDefaults({ host, shop, mock, dataDir }: DemoAddresses): Record<string, string> {
  return { HOST: host, PORT: String(shop.port), MOCK_WECHAT_PORT: String(mock.port), DATA_DIR: dataDir }
}

/** A setting counts as given also when it is given as a file (NAME_FILE). */
function withDefaults(env: NodeJS.ProcessEnv, defaults: Record<string, string>): NodeJS.ProcessEnv {
  return { ...env, ...missingIn(env, defaults), DATA_DIR: defaults['DATA_DIR'] ?? env['DATA_DIR'] }
}

function missingIn(env: NodeJS.ProcessEnv, defaults: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(defaults).filter(([name]) => !env[name] && !env[`${name}_FILE`]))
}

/** Listening everywhere is no address to call: this machine reaches it on its loopback. */
function localUrl(host: string, port: number): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
