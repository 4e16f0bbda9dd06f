import { isDeepStrictEqual } from 'node:util'
import { expect } from '@playwright/test'
import { idempotencyKeyHeader, routes } from 'wxpay-core/contract'
import { runCommand, type CommandResult } from './servers/command.ts'
import { findPort, startOnFreePort } from './servers/ports.ts'
import { findPostmaster } from './servers/postmaster.ts'
import { startReaping } from './servers/reaping.ts'
import { createServer } from './servers/serverProcess.ts'
import { readText, readObject } from './read.ts'
import { type Settings, type TestOptions, usualSigning, type WorkerOptions } from './options.ts'
import { createWechat, type Merchant } from './wechat.ts'

export interface Amount {
  fen: number
  /** As a person types and reads it. */
  yuan: string
}

export type Shop = Awaited<ReturnType<typeof openShop>>

export const shopName = '青禾书店'

/** Of every shop here: they live for minutes, on this machine only. */
export const operatorToken = 'the-operator-of-a-shop-that-lives-for-minutes'

/** A shop of its own: API, embedded PostgreSQL and mock of WeChat as real processes, on real ports, with a data folder that is gone at the end. */
export async function openShop({ protocol }: WorkerOptions, worker: number) {
  const reaping = await startReaping()
  const { mock, wechat } = await startOnFreePort(worker, async (port) => {
    const server = createServer({
      name: 'the mock of WeChat',
      main: 'apps/mock-wechat/src/main.ts',
      // Both stay when it dies and comes back: the shop was told them.
      env: { MOCK_WECHAT_PORT: String(port), MOCK_WECHAT_TLS_PORT: String(await findPort(worker)), DATA_DIR: reaping.folder },
      isReady: (line) => line.startsWith('mock WeChat ready'),
      reaping,
    })
    await server.start()
    return { mock: server, wechat: createWechat(`http://127.0.0.1:${port}`) }
  })
  await wechat.sign(usualSigning)
  const merchant = await wechat.merchant()
  const tls = await wechat.tls()
  const { api, apiEnv, url } = await startOnFreePort(worker, async (port) => {
    const env = {
      PORT: String(port),
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      DATA_DIR: reaping.folder,
      WXPAY_PROTOCOL: protocol,
      WXPAY_API_URL: wechat.url,
      WECHAT_API_URL: wechat.url,
      WECHAT_OPEN_URL: wechat.url,
      WXPAY_H5: 'on',
      WXPAY_SCAN: 'on',
      OPERATOR_TOKEN: operatorToken,
      ...settingsOf(merchant),
      WXPAY_CERT_API_URL: tls.url,
      WXPAY_API_CA: tls.ca,
      SHOP_NAME: shopName,
      SHOP_CONTACT: '010-5555 0100',
      CREATE_PER_MINUTE: '6000',
      OPEN_ORDERS_PER_ADDRESS: '10000',
    }
    await wechat.askAt(merchant.mchId, `${env.PUBLIC_URL}/notices/v2/scan`)
    const server = createServer({ name: 'the API', main: 'apps/api/src/main.ts', env, isReady: isApiReady, reaping })
    await server.start()
    return { api: server, apiEnv: env, url: env.PUBLIC_URL }
  })
  let orders = 0
  let current: TestOptions = { signing: usualSigning, settings: {} }

  /** With other settings until the next test, as an operator restarts it. */
  async function restartApi(changed: Settings): Promise<void> {
    if (api.isRunning()) await api.kill()
    current = { ...current, settings: changed }
    await api.start(changed)
  }

  return {
    url,
    merchant,
    restartApi,
    wechat,
    api,
    mock,
    apiEnv,
    /** Another one for each order, so that an order's trades are told from all others at WeChat. */
    newAmount(): Amount {
      orders += 1
      const fen = 1_000 + orders
      return { fen, yuan: (fen / 100).toFixed(2) }
    },
    /** kill -9 of the database server. Resolves when it is dead. */
    async killPostgres(): Promise<void> {
      const postmaster = findPostmaster(reaping.folder)
      if (!postmaster) throw new Error('no PostgreSQL runs in this shop')
      process.kill(postmaster.pid, 'SIGKILL')
      await expect.poll(() => findPostmaster(reaping.folder)?.pid).not.toBe(postmaster.pid)
    },
    isReady: async (): Promise<boolean> => (await fetch(`${url}/readyz`)).ok,
    /** The operator's command, typed on the shop's machine. */
    accept: (outTradeNo: string): Promise<CommandResult> => runCommand('apps/api/src/cli/accept.ts', [outTradeNo], apiEnv),
    /** What the order and WeChat say of a payment, on the shop's machine. */
    query: (outTradeNo: string): Promise<CommandResult> => runCommand('apps/api/src/cli/query.ts', [outTradeNo], apiEnv),
    /** A request with the operator's token. */
    async asOperator(method: string, path: string): Promise<void> {
      const { ok, status } = await fetch(url + path, { method, headers: { authorization: `Bearer ${operatorToken}` } })
      if (!ok) throw new Error(`${method} ${path}: ${status}`)
    },
    /** POST /v1/payments/:outTradeNo/refunds, as the operator does it. @returns the refund's number */
    async refund(outTradeNo: string, amountFen: number): Promise<string> {
      const headers = {
        authorization: `Bearer ${operatorToken}`,
        'content-type': 'application/json',
        [idempotencyKeyHeader]: crypto.randomUUID(),
      }
      const answer = await fetch(url + routes.paymentRefunds(outTradeNo), { method: 'POST', headers, body: JSON.stringify({ amountFen }) })
      if (answer.status !== 202) throw new Error(`the refund was answered with ${answer.status}: ${await answer.text()}`)
      return readText(readObject(await answer.json()), 'outRefundNo')
    },
    /**
     * What the API has said of the notices that came, oldest first. A line is said after the commit, and read after that: the page may have
     * heard of the payment before. Wait for it.
     */
    noticesInLog: (): NoticeLine[] => api.lines.flatMap(readNoticeLine),
    /** The same, of one payment. What could not be opened names none. */
    noticesOf: (outTradeNo: string): NoticeLine[] => api.lines.flatMap(readNoticeLine).filter((notice) => notice.outTradeNo === outTradeNo),
    /** What a counter of GET /metrics stands at, over all label sets that contain the given labels. */
    async count(name: string, labels: Record<string, string> = {}): Promise<number> {
      return sumOf(await (await fetch(`${url}/metrics`)).text(), name, labels)
    },
    /** Before each test: both servers run, the API with the test's settings, and WeChat behaves and signs as the test wants it. */
    async settle({ signing, settings }: TestOptions): Promise<void> {
      if (!mock.isRunning()) await mock.start()
      if (!isDeepStrictEqual(current.signing, signing)) await wechat.sign(signing)
      current = { ...current, signing }
      if (!isDeepStrictEqual(current.settings, settings) || !api.isRunning()) await restartApi(settings)
      await wechat.behave()
    },
    close: reaping.reap,
  }
}

/** The keys of both protocols: one setting chooses. And of the accounts behind which payers are known. */
function settingsOf(merchant: Merchant): Settings {
  return {
    WXPAY_APP_ID: merchant.appId,
    WXPAY_MCH_ID: merchant.mchId,
    WXPAY_V2_KEY: merchant.apiKeyV2,
    WXPAY_V3_KEY: merchant.apiV3Key,
    WXPAY_MERCHANT_PRIVATE_KEY: merchant.privateKey,
    WXPAY_MERCHANT_CERTIFICATE: merchant.certificate,
    WXPAY_PUBLIC_KEY_ID: merchant.publicKeyId,
    WXPAY_PUBLIC_KEY: merchant.publicKey,
    WECHAT_OA_SECRET: merchant.officialAccount.secret,
    WECHAT_OA_TOKEN: merchant.officialAccount.token,
    WECHAT_OA_AES_KEY: merchant.officialAccount.aesKey,
    WECHAT_MINIPROGRAM_APP_ID: merchant.miniProgram.appId,
    WECHAT_MINIPROGRAM_SECRET: merchant.miniProgram.secret,
  }
}

export interface NoticeLine {
  protocol: string
  result: string
  reason: string
  /** The key that signed it, in v3. */
  serial: string | undefined
  /** Where it could be opened. */
  outTradeNo: string | undefined
}

function readNoticeLine(line: string): NoticeLine[] {
  if (!line.startsWith('{')) return []
  const fields = readObject(JSON.parse(line))
  if (fields['msg'] !== 'notice') return []
  const { serial, outTradeNo } = fields
  return [
    {
      protocol: readText(fields, 'protocol'),
      result: readText(fields, 'result'),
      reason: readText(fields, 'reason'),
      serial: typeof serial === 'string' ? serial : undefined,
      outTradeNo: typeof outTradeNo === 'string' ? outTradeNo : undefined,
    },
  ]
}

/** The API logs JSON lines. */
function isApiReady(line: string): boolean {
  if (!line.startsWith('{')) return false
  const fields = readObject(JSON.parse(line))
  return readText(fields, 'msg') === 'ready'
}

/** Prometheus' text format: name{label="value",…} number */
function sumOf(text: string, name: string, labels: Record<string, string>): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}
