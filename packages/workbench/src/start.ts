/** The demo in one command: pages, mock WeChat, API with its embedded database, a demo merchant. */
import { join, relative } from 'node:path'
import { listenForStop, main } from './command.ts'
import { refuseSecondCopy } from './copyOfDemo.ts'
import { apiEnv, demoAddresses, demoEnvFile, demoProtocol, logFile, mockEnv, readMerchant, type DemoAddresses } from './demoSettings.ts'
import { introduceShop } from './introduceShop.ts'
import { demoOperatorToken } from './operatorToken.ts'
import { keepForOwner } from './ownFile.ts'
import { ensurePages } from './pages.ts'
import { root } from './paths.ts'
import { checkPorts } from './ports.ts'
import { died, type Service, startService, stopService, whenReady } from './service.ts'

const command = 'npx -y pnpm@12.21.0 start'
/** The first start makes a database cluster; a slow disk may take its time. */
const readyWithinMs = 120_000

await main(demo)

async function demo(): Promise<number> {
  const running: Service[] = []
  const { stopped, signal } = listenForStop(() => killAll(running))
  try {
    const addresses = demoAddresses(process.env)
    const failed = bringUp(addresses, running, signal).then(() => firstDeath(running))
    const code = await Promise.race([stopped, failed])
    console.log('\nStopping: the API first, then the mock …')
    return code
  } finally {
    for (const service of running.toReversed()) await stopService(service)
    if (signal.aborted) console.log('Stopped.')
  }
}

async function bringUp(addresses: DemoAddresses, running: Service[], signal: AbortSignal): Promise<void> {
  const { host, shop, mock, mockTls, shopUrl, mockUrl, dataDir } = addresses
  await checkPorts(host, [shop, mock, ...(mockTls ? [mockTls] : [])], command)
  await refuseSecondCopy(dataDir, command)
  await ensurePages(console.log, signal)
  signal.throwIfAborted()

  console.log(`Mock of WeChat: starting at ${mockUrl} …`)
  const mockService = startService({
    name: 'The mock of WeChat',
    main: 'apps/mock-wechat/src/main.ts',
    env: mockEnv(process.env, addresses),
    logFile: logFile(addresses, 'mock-wechat'),
  })
  running.push(mockService)
  await whenReady(mockService, `${mockUrl}/_control/health`, readyWithinMs)
  const merchant = readMerchant(await (await fetch(`${mockUrl}/_control/merchants`)).json())
  signal.throwIfAborted()

  await introduceShop(addresses, merchant)
  const keys = { merchant, operatorToken: await demoOperatorToken(dataDir) }
  const envFile = join(dataDir, 'demo.env')
  await keepForOwner(envFile, demoEnvFile(process.env, addresses, keys))
  console.log(
    `API: starting with the demo merchant ${merchant.mchId}; its data are in ${shown(dataDir)} (the first start makes a database) …`,
  )
  const env = apiEnv(process.env, addresses, keys)
  const api = startService({ name: 'The API', main: 'apps/api/src/main.ts', env, logFile: logFile(addresses, 'api') })
  running.push(api)
  await whenReady(api, `${addresses.apiUrl}/readyz`, readyWithinMs)
  signal.throwIfAborted()
  const files = { logs: shown(logFile(addresses, '*')), settings: shown(envFile) }
  const { OPERATOR_TOKEN: ownToken, OPERATOR_TOKEN_FILE: ownTokenFile } = process.env
  const token = ownToken || ownTokenFile ? 'yours' : keys.operatorToken
  console.log(welcome({ shop: shopUrl, phone: `${mockUrl}/phone`, protocol: demoProtocol(process.env), token, ...files }))
}

/** @throws {Error} with the last lines of the server that ended by itself */
async function firstDeath(running: Service[]): Promise<never> {
  throw await Promise.race(running.map(async (service) => died(service, await service.exited)))
}

function killAll(running: Service[]): never {
  for (const service of running) service.child.kill('SIGKILL')
  process.exit(130)
}

function shown(path: string): string {
  const short = relative(root, path)
  return short.startsWith('..') ? path : short
}

interface Welcome {
  shop: string
  phone: string
  protocol: string
  token: string
  logs: string
  settings: string
}

function welcome({ shop, phone, protocol, token, logs, settings }: Welcome): string {
  const other = protocol === 'v3' ? 'v2' : 'v3'
  return `
  Ready.

    Shop      ${shop}/
    Phone     ${phone}
    Codes     ${shop}/console/codes to print for products; operator's token: ${token}
    Protocol  ${protocol} of WeChat Pay; WXPAY_PROTOCOL=${other} before this command for the other one

  1. Open the shop in a browser, type an amount and press the pay button: a dialog with a QR code opens.
  2. Open the phone in a second window. It plays WeChat on the payer's phone: choose the code from its list, press 立即支付 (Pay now)
     and type any six digits as the password (000000 plays a wrong one).
  3. Look at the shop again: WeChat's signed notice has arrived, and the dialog has closed by itself.

  Stop with Ctrl-C. Logs: ${logs} · Settings, for query, accept and doctor: ${settings}
`
}
