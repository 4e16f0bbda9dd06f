import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileCache } from './compileCache.ts'
import { mockControl, type MockControl } from './mockControl.ts'

export type Protocol = 'v2' | 'v3'

/** The real servers as processes of their own: the mock of WeChat, and the API with the database that it runs. */
export interface Servers {
  apiUrl: string
  control: MockControl
  stop(): Promise<void>
}

const apps = join(import.meta.dirname, '../../..')

export async function startServers(protocol: Protocol): Promise<Servers> {
  const dataDir = await mkdtemp(join(tmpdir(), 'wxpay-miniprogram-'))
  const begun: ChildProcess[] = []
  async function stop(): Promise<void> {
    for (const child of begun.toReversed()) await end(child)
    await rm(dataDir, { recursive: true, force: true })
  }

  try {
    const mock = start('mock-wechat', { DATA_DIR: dataDir, MOCK_WECHAT_PORT: '0' })
    begun.push(mock)
    const mockUrl = await said(mock, /ready at (http:\S+)/)
    const control = mockControl(mockUrl)
    const port = await freePort()
    const apiUrl = `http://127.0.0.1:${port}`
    const api = start('api', {
      ...(await control.settings()),
      DATA_DIR: dataDir,
      PORT: String(port),
      PUBLIC_URL: apiUrl,
      WXPAY_PROTOCOL: protocol,
      WXPAY_API_URL: mockUrl,
      WECHAT_API_URL: mockUrl,
      WECHAT_OPEN_URL: mockUrl,
      SHOP_NAME: '青禾书店',
      CREATE_PER_MINUTE: '6000',
      OPEN_ORDERS_PER_ADDRESS: '10000',
    })
    begun.push(api)
    await said(api, /("msg":"ready")/)
    return { apiUrl, control, stop }
  } catch (cause) {
    await stop()
    throw cause
  }
}

function start(app: string, env: Record<string, string>): ChildProcess {
  // PostgreSQL's programs are looked for beside those of the system.
  const path = { PATH: '/usr/bin:/bin', ...compileCache }
  return spawn(process.execPath, [join(apps, app, 'src/main.ts')], { env: { ...path, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Waits until the process says it, and goes on reading: a full pipe would stop it. */
function said(child: ChildProcess, what: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = ''
    const hear = (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-20_000)
      const found = what.exec(printed)?.[1]
      if (found !== undefined) resolve(found)
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('exit', () => reject(new Error(`it ended before it was ready:\n${printed}`)))
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('a server that listens has a port')
  return address.port
}
