import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from './freePorts.ts'
import { mockControl, type Merchant, type MockControl } from './mockControl.ts'
import type { Protocol } from './protocol.ts'
import { embeddedServer, type EmbeddedServer } from './postgres.ts'
import { serverProcess, type ServerProcess } from './serverProcess.ts'

/** The whole product as processes of its own: mock WeChat, API, and the database that the API runs. */
export interface Stack {
  readonly protocol: Protocol
  readonly apiUrl: string
  readonly api: ServerProcess
  readonly mock: ServerProcess
  readonly control: MockControl
  readonly postgres: EmbeddedServer
  readonly dataDir: string
  readonly apiEnv: Record<string, string | undefined>
  /** Ends every process. The folder stays when the run has failed: its logs tell why. */
  end(options: { keepFolder: boolean }): Promise<void>
}

export interface StackOptions {
  /** What the servers inherit. */
  env: Readonly<Record<string, string | undefined>>
  protocol: Protocol
  /** Settings of the API beside addresses, merchant and limits. */
  settings: Record<string, string>
  /** Any free one when left out. */
  apiPort?: number
  /** What WeChat and shoppers are told, when something stands before the API. */
  publicUrl?: string
}

export async function startStack({ env, protocol, settings, publicUrl, ...given }: StackOptions): Promise<Stack> {
  const dataDir = mkdtempSync(join(tmpdir(), 'wxpay-simulation-'))
  const [freePort = 0, mockPort = 0] = await freePorts(2)
  const apiPort = given.apiPort ?? freePort
  const mockUrl = `http://127.0.0.1:${mockPort}`
  const mock = serverProcess({
    name: 'mock',
    main: 'apps/mock-wechat/src/main.ts',
    env: { ...env, HOST: '127.0.0.1', MOCK_WECHAT_PORT: String(mockPort), DATA_DIR: dataDir },
    readyUrl: `${mockUrl}/_control/health`,
    logFile: join(dataDir, 'logs/mock.log'),
  })
  const control = mockControl(mockUrl)
  const postgres = embeddedServer(dataDir)
  const apiUrl = `http://127.0.0.1:${apiPort}`
  const begun: ServerProcess[] = [mock]

  async function end({ keepFolder }: { keepFolder: boolean }): Promise<void> {
    for (const server of begun.toReversed()) await server.stop()
    postgres.killAll()
    if (!keepFolder) rmSync(dataDir, { recursive: true, force: true })
  }

  try {
    mock.start()
    await mock.ready()
    const [merchant] = await control.merchants()
    if (!merchant) throw new Error('the mock has no merchant')
    const apiEnv = {
      ...env,
      HOST: '127.0.0.1',
      PORT: String(apiPort),
      PUBLIC_URL: publicUrl ?? apiUrl,
      DATA_DIR: dataDir,
      WXPAY_API_URL: mockUrl,
      WXPAY_PROTOCOL: protocol,
      ...settingsOf(merchant),
      SHOP_NAME: 'Simulated shop',
      CREATE_PER_MINUTE: '1000000',
      OPEN_ORDERS_PER_ADDRESS: '1000000',
      ...settings,
    }
    const api = apiProcess({ name: 'api', url: apiUrl, env: apiEnv, dataDir })
    begun.push(api)
    api.start()
    await api.ready()
    return { protocol, apiUrl, api, mock, control, postgres, dataDir, apiEnv, end }
  } catch (error) {
    // Nobody else knows of these processes yet.
    await end({ keepFolder: true })
    throw error
  }
}

/** The keys of both protocols, so that both notice routes are open. */
function settingsOf(merchant: Merchant): Record<string, string> {
  return {
    WXPAY_APP_ID: merchant.appId,
    WXPAY_MCH_ID: merchant.mchId,
    WXPAY_V2_KEY: merchant.keyV2,
    WXPAY_V3_KEY: merchant.keyV3,
    WXPAY_MERCHANT_PRIVATE_KEY: merchant.privateKey,
    WXPAY_MERCHANT_CERTIFICATE: merchant.certificate,
    WXPAY_PUBLIC_KEY_ID: merchant.publicKeyId,
    WXPAY_PUBLIC_KEY: merchant.publicKey,
  }
}

export function apiProcess(options: {
  name: string
  url: string
  env: Record<string, string | undefined>
  dataDir: string
}): ServerProcess {
  const { name, url, env, dataDir } = options
  return serverProcess({
    name,
    main: 'apps/api/src/main.ts',
    env,
    readyUrl: `${url}/readyz`,
    logFile: join(dataDir, `logs/${name}.log`),
  })
}
