import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from './freePorts.ts'
import { mockControl, type MockControl } from './mockControl.ts'
import { embeddedServer, type EmbeddedServer } from './postgres.ts'
import { serverProcess, type ServerProcess } from './serverProcess.ts'

/** The whole product as processes of its own: mock WeChat, API, and the database that the API runs. */
export interface Stack {
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
  /** Settings of the API beside addresses, merchant and limits. */
  settings: Record<string, string>
  /** What WeChat and shoppers are told, when something stands before the API. */
  publicUrl?: string
}

export async function startStack({ env, settings, publicUrl }: StackOptions): Promise<Stack> {
  const dataDir = mkdtempSync(join(tmpdir(), 'wxpay-simulation-'))
  const [apiPort = 0, mockPort = 0] = await freePorts(2)
  const mockUrl = `http://127.0.0.1:${mockPort}`
  const mock = serverProcess({
    name: 'mock',
    main: 'apps/mock-wechat/src/main.ts',
    env: { ...env, HOST: '127.0.0.1', MOCK_WECHAT_PORT: String(mockPort), DATA_DIR: dataDir },
    readyUrl: `${mockUrl}/_control/health`,
    logFile: join(dataDir, 'logs/mock.log'),
  })
  mock.start()
  await mock.ready()
  const control = mockControl(mockUrl)
  const merchant = await control.merchant()
  const apiUrl = `http://127.0.0.1:${apiPort}`
  const apiEnv = {
    ...env,
    HOST: '127.0.0.1',
    PORT: String(apiPort),
    PUBLIC_URL: publicUrl ?? apiUrl,
    DATA_DIR: dataDir,
    WXPAY_API_URL: mockUrl,
    WXPAY_APP_ID: merchant.appId,
    WXPAY_MCH_ID: merchant.mchId,
    WXPAY_V2_KEY: merchant.key,
    SHOP_NAME: 'Simulated shop',
    CREATE_PER_MINUTE: '1000000',
    OPEN_ORDERS_PER_ADDRESS: '1000000',
    ...settings,
  }
  const api = apiProcess({ name: 'api', url: apiUrl, env: apiEnv, dataDir })
  api.start()
  await api.ready()
  const postgres = embeddedServer(dataDir)
  return {
    apiUrl,
    api,
    mock,
    control,
    postgres,
    dataDir,
    apiEnv,
    async end({ keepFolder }) {
      await api.stop()
      await mock.stop()
      postgres.killAll()
      if (!keepFolder) rmSync(dataDir, { recursive: true, force: true })
    },
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
