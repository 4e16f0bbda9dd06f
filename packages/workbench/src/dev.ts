/** Watch mode: the mock and the API restart when a file of theirs changes, Vite serves the pages and passes the rest on to the API. */
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { listenForStop, main } from './command.ts'
import { refuseSecondCopy } from './copyOfDemo.ts'
import { apiEnv, demoAddresses, mockEnv, readMerchant } from './demoSettings.ts'
import { introduceShop } from './introduceShop.ts'
import { demoOperatorToken } from './operatorToken.ts'
import { root, toolBin } from './paths.ts'
import { checkPorts } from './ports.ts'
import { exitCode } from './run.ts'
import { waitForOk } from './service.ts'

const command = 'npx -y pnpm@12.21.0 dev'

await main(dev)

async function dev(): Promise<number> {
  const running: ChildProcess[] = []
  const { stopped, signal } = listenForStop(() => process.exit(130))
  const children = bringUp(running, signal)
  const code = await Promise.race([stopped, children])
  // Ctrl-C has reached them already; SIGTERM to us has not.
  const ends = running.map(ended)
  for (const child of running) child.kill('SIGTERM')
  await Promise.all(ends)
  return code
}

async function bringUp(running: ChildProcess[], signal: AbortSignal): Promise<number> {
  const addresses = demoAddresses(process.env)
  const { host, shop, mock, mockTls, mockUrl, apiUrl } = addresses
  await checkPorts(host, [shop, mock, ...(mockTls ? [mockTls] : [])], command)
  await refuseSecondCopy(addresses.dataDir, command)
  const start = (args: string[], env: NodeJS.ProcessEnv, cwd = root): void => {
    if (!signal.aborted) running.push(spawn(process.execPath, args, { cwd, env, stdio: 'inherit' }))
  }

  start(['--watch', '--watch-preserve-output', 'apps/mock-wechat/src/main.ts'], mockEnv(process.env, addresses))
  await waitForOk(`${mockUrl}/_control/health`, signal)
  const merchant = readMerchant(await (await fetch(`${mockUrl}/_control/merchants`)).json())
  await introduceShop(addresses, merchant)
  const keys = { merchant, operatorToken: await demoOperatorToken(addresses.dataDir) }
  start(['--watch', '--watch-preserve-output', 'apps/api/src/main.ts'], apiEnv(process.env, addresses, keys))
  await waitForOk(`${apiUrl}/readyz`, signal)
  // The pages' vite.config.ts takes the API's port for its proxy from PORT.
  start(
    [toolBin('vite', { home: 'apps/checkout' }), '--host', host],
    { ...process.env, PORT: String(shop.port) },
    join(root, 'apps/checkout'),
  )
  console.log(`\nPhone: ${mockUrl}/phone · API: ${apiUrl} · the shop's address is Vite's, below.\n`)
  return Promise.race(running.map(ended))
}

function ended(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(exitCode(child.exitCode, child.signalCode))
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(exitCode(code, signal))))
}
