import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { compileCache } from './compileCache.ts'

const Account = z.object({
  kind: z.enum(['official-account', 'mini-program']),
  appid: z.string(),
  secret: z.string(),
  token: z.string(),
  aesKey: z.string(),
  originalId: z.string(),
})

const Merchant = z.object({
  mchid: z.string(),
  appids: z.tuple([z.string()]).rest(z.string()),
  apiKeyV2: z.string(),
  apiV3Key: z.string(),
  merchantSerial: z.string(),
  merchantPrivateKey: z.string(),
  merchantCertificate: z.string(),
  accounts: z.tuple([Account, Account]),
  platform: z.object({ publicKeyId: z.string(), publicKey: z.string(), serial: z.string(), certificate: z.string() }),
})
export type MockMerchant = z.infer<typeof Merchant>
const Merchants = z.object({ items: z.tuple([Merchant, Merchant]).rest(Merchant), tls: z.object({ url: z.string(), ca: z.string() }) })

export interface MockWechat {
  url: string
  /** Two merchants, with all their throw-away credentials. */
  merchants: readonly [MockMerchant, MockMerchant, ...MockMerchant[]]
  /** Where calls with a client certificate go. */
  tls: { url: string; ca: string }
  /** Orders something of its control side, e.g. faults. */
  order(method: 'POST' | 'DELETE', path: string, body?: object): Promise<void>
  /** What its control side shows. */
  see(path: string): Promise<string>
  /** What its control side answers to an order. */
  ask(path: string, body: object): Promise<unknown>
  stop(): Promise<void>
}

const main = fileURLToPath(new URL('../../../mock-wechat/src/main.ts', import.meta.url))

/**
 * WeChat as a process of its own, on a free port: we meet it over HTTP, as the real one. It ends with the test that started it.
 *
 * @param switches - of its environment, e.g. MOCK_TRADE_TIMES
 */
export async function startMockWechat(switches: Record<string, string> = {}): Promise<MockWechat> {
  const dataDir = await mkdtemp(join(tmpdir(), 'wxpay-test-mock-'))
  const child = spawn(process.execPath, [main], {
    env: { PATH: '', ...compileCache, DATA_DIR: dataDir, MOCK_WECHAT_PORT: '0', ...switches },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise<string>((resolve, reject) => {
    let printed = ''
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      const ready = /ready at (http:\S+)/.exec(printed)?.[1]
      if (ready !== undefined) resolve(ready)
    })
    child.once('exit', () => reject(new Error('the mock ended before it was ready')))
  })
  const response = await fetch(`${url}/_control/merchants`)
  const { items: merchants, tls } = Merchants.parse(await response.json())
  return {
    url,
    merchants,
    tls,
    async order(method, path, body) {
      const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      const answer = await fetch(`${url}/_control/${path}`, { method, ...(body && json) })
      if (answer.status >= 300) {
        throw new Error(`the mock answers ${answer.status} to ${method} ${path} ${JSON.stringify(body ?? {})}: ${await answer.text()}`)
      }
    },
    async see(path) {
      const answer = await fetch(`${url}/_control/${path}`)
      const text = await answer.text()
      if (!answer.ok) throw new Error(`the mock answers ${answer.status} to GET ${path}: ${text}`)
      return text
    },
    async ask(path, body) {
      const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      const answer = await fetch(`${url}/_control/${path}`, { method: 'POST', ...json })
      if (answer.status >= 300) throw new Error(`the mock answers ${answer.status} to POST ${path}: ${await answer.text()}`)
      return answer.json()
    },
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
