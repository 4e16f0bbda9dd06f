import { BlockList } from 'node:net'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { toFen } from 'wxpay-core/money'
import { NoticeRefusedError, type PaymentNotice, type WechatPay } from 'wxpay-core/protocol'
import type { AccountCommands } from '../commands/accountCommands.ts'
import type { Commands } from '../commands/commands.ts'
import type { OperatorReads } from '../commands/operatorReads.ts'
import { BillNotFoundError, DiscrepancyNotFoundError } from '../domain/billErrors.ts'
import { OrderNotFoundError } from '../domain/readErrors.ts'
import { RefundNotFoundError } from '../domain/refundErrors.ts'
import { type ChangeHandlers, createStatusHub } from '../status/statusHub.ts'
import { createLogger } from '../support/logger.ts'
import { createMetrics } from '../support/metrics.ts'
import { type AppDeps, createApp } from '../web/app.ts'
import type { NoticeGate } from '../web/routes/notices.ts'
import { startServer } from '../web/server.ts'
import { usualProtocol } from './protocols.ts'
import { createShopInMemory, now } from './shopInMemory.ts'

export const noticeBody = '<xml><return_code>SUCCESS</return_code></xml>'

const notice: PaymentNotice = {
  protocol: usualProtocol,
  noticeId: '00'.repeat(32),
  raw: noticeBody,
  outcome: 'paid',
  trade: {
    outTradeNo: 'P20260301000001',
    transactionId: '4200000000202603010000000001',
    totalFen: toFen(1250),
    currency: 'CNY',
    payerFen: toFen(1250),
    paidAt: now,
    openId: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  },
}

/** Takes one body for genuine, by its bytes, and answers as the real one does. */
const noticeGate: NoticeGate = {
  protocol: usualProtocol,
  async openNotice(_headers, raw) {
    if (raw.toString() !== noticeBody) throw new NoticeRefusedError('wrong-signature', 'not the one')
    return notice
  },
  noticeReplies: {
    accepted: () => ({ status: 200, contentType: 'text/xml; charset=utf-8', body: '<xml><return_code>SUCCESS</return_code></xml>' }),
    refused: (reason) => ({
      status: 400,
      contentType: 'text/xml; charset=utf-8',
      body: `<xml><return_code>FAIL</return_code><return_msg>${reason}</return_msg></xml>`,
    }),
    failed: () => ({ status: 503, contentType: 'text/xml; charset=utf-8', body: '<xml><return_code>FAIL</return_code></xml>' }),
  },
}

/** Of a merchant without official account and mini program. */
export const noAccounts: AccountCommands = {
  authorisation: null,
  miniProgram: null,
  messages: null,
  signPage: null,
  findPayer: async () => null,
}

/** Of a shop to which nothing has happened yet. */
export const noRecords: OperatorReads = {
  orders: async () => ({ items: [], next: null }),
  order: (orderNo) => Promise.reject(new OrderNotFoundError(orderNo)),
  refunds: async () => ({ items: [], next: null }),
  refund: (outRefundNo) => Promise.reject(new RefundNotFoundError(outRefundNo)),
  events: async () => ({ items: [], next: null }),
  bills: async () => ({ items: [], next: null }),
  billFile: (billId) => Promise.reject(new BillNotFoundError(billId)),
  discrepancies: async () => ({ items: [], next: null }),
  discrepancy: (discrepancyId) => Promise.reject(new DiscrepancyNotFoundError(discrepancyId)),
}

interface TestAppOptions {
  commands?: Partial<Commands>
  accounts?: Partial<AccountCommands>
  domainProofs?: string[]
  openNotice?: WechatPay['openNotice']
  readCheckout?: Commands['findCheckout']
  trustedProxies?: BlockList
  publicUrl?: string
  h5?: boolean
  operatorToken?: string
  maxWaiters?: number
  deps?: Partial<AppDeps>
}

/** The real app and the real hub on a free port of this machine, with a shop in memory behind them. Ends with its test. */
export async function startTestApp(options: TestAppOptions = {}) {
  const shop = createShopInMemory()
  const calls: { name: string; input: unknown }[] = []
  const lines: string[] = []
  const commands = recorded({ ...shop.commands, ...options.commands }, calls)
  const metrics = createMetrics({ processMetrics: false })
  let handlers: ChangeHandlers | undefined
  const hub = createStatusHub({
    readCheckout: options.readCheckout ?? shop.commands.findCheckout,
    subscribe(given) {
      handlers = given
      return async () => undefined
    },
    clock: { now: () => now },
    maxWaiters: options.maxWaiters ?? 100,
    recheckMs: 10,
  })
  handlers?.onUp()
  metrics.watchWaiters(hub.waiterCount)
  const app = createApp({
    config: {
      publicUrl: options.publicUrl ?? 'http://127.0.0.1:3000',
      trustedProxies: options.trustedProxies ?? new BlockList(),
      limits: { maxAmountFen: 5_000_000, createPerMinute: 30, openOrdersPerAddress: 20 },
      h5: options.h5 ?? false,
      operatorToken: options.operatorToken ?? null,
      shop: { name: '青禾书店', contact: '010-5555 0100', locale: 'zh-CN' },
      accounts: {
        apiUrl: 'https://api.weixin.qq.com',
        openUrl: 'https://open.weixin.qq.com',
        officialAccount: null,
        messages: null,
        miniProgram: null,
        domainProofs: options.domainProofs ?? [],
      },
    },
    commands,
    accounts: { ...noAccounts, ...options.accounts },
    products: { list: async () => [], save: async () => true, remove: async () => undefined, code: null },
    scans: null,
    reads: noRecords,
    bills: { requestBill: async () => undefined, resolveDiscrepancy: async () => undefined },
    hub,
    noticeGates: [{ ...noticeGate, openNotice: options.openNotice ?? noticeGate.openNotice }],
    clock: { now: () => now },
    metrics,
    logger: createLogger({ level: 'debug', destination: { write: (line) => void lines.push(line) } }),
    ready: async () => ({ database: true }),
    pagesDirectory: fileURLToPath(new URL('./no-pages-here', import.meta.url)),
    ...options.deps,
  })
  const server = await startServer({ app, host: '127.0.0.1', port: 0, releaseHeld: () => hub.close() })
  onTestFinished(server.stop)

  return {
    url: server.url,
    stop: server.stop,
    shop,
    hub,
    metrics,
    /** Which commands ran, in order. */
    calls,
    /** What was logged, one JSON text per line. */
    lines,
    /** As the database would tell it. */
    tellChanged: (token: string) => handlers?.onChange(token),
    tell: () => handlers,

    /** A POST of JSON with a key; `init` replaces parts of it. */
    post(path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
      const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': 'key-1', ...Object.fromEntries(new Headers(init.headers)) }
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      return fetch(server.url + path, { method: 'POST', body: text, ...init, headers })
    },
    get: (path: string, init?: RequestInit) => fetch(server.url + path, init),
  }
}

function recorded(commands: Commands, calls: { name: string; input: unknown }[]): Commands {
  function record<Input, Output>(name: string, command: (input: Input) => Promise<Output>) {
    return (input: Input) => {
      calls.push({ name, input })
      return command(input)
    }
  }
  return {
    openCheckout: record('openCheckout', commands.openCheckout),
    startPayment: record('startPayment', commands.startPayment),
    extendPayment: record('extendPayment', commands.extendPayment),
    cancelOrder: record('cancelOrder', commands.cancelOrder),
    recordNotice: record('recordNotice', commands.recordNotice),
    requestRefund: record('requestRefund', commands.requestRefund),
    findCheckout: record('findCheckout', commands.findCheckout),
  }
}
