import { list, number, record, text, textOrNull, type Json } from './json.ts'

/** Keys and certificates are PEM. */
export interface Merchant {
  mchId: string
  appId: string
  keyV2: string
  keyV3: string
  serial: string
  privateKey: string
  certificate: string
  /** WeChat's. */
  publicKeyId: string
  publicKey: string
}

/** A line of WeChat's ledger. */
export interface Trade {
  outTradeNo: string
  state: string
  amountFen: number
  transactionId: string | null
  /** By our close, not by time. */
  wasClosed: boolean
  expired: boolean
}

export interface Delivery {
  status: number | null
  body: string | null
  error: string | null
  faults: string[]
}

export interface MockNotice {
  protocol: string
  outTradeNo: string
  transactionId: string
  state: string
  attempts: Delivery[]
  /** RFC 3339, on the mock's clock. */
  nextAttemptAt: string | null
}

export interface Paying {
  codeUrl?: string
  outTradeNo?: string
}

export type MockControl = ReturnType<typeof mockControl>

/** WeChat's side that WeChat does not have: the payer's thumb, the ledger, faults and time. Throws when the mock is away. */
export function mockControl(url: string) {
  async function call(method: string, path: string, body?: Json): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${url}/_control/${path}`, {
      method,
      signal: AbortSignal.timeout(60_000),
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    const answer = await response.text()
    return { status: response.status, body: answer === '' ? null : (JSON.parse(answer) as unknown) }
  }

  async function expectOk(method: string, path: string, body?: Json): Promise<Json> {
    const answer = await call(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} /_control/${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    return record(answer.body ?? {})
  }

  return {
    url,
    merchants: async (): Promise<Merchant[]> => list((await expectOk('GET', 'merchants'))['items'], 'merchants').map(merchantOf),
    /** @returns false when WeChat does not take it (any more) */
    pay: async (which: Paying): Promise<boolean> => (await call('POST', 'pay', { ...which })).status === 200,
    mistype: async (which: Paying): Promise<boolean> => (await call('POST', 'fail', { ...which })).status === 200,
    trades: async (): Promise<Trade[]> => list((await expectOk('GET', 'trades'))['items'], 'trades').map(tradeOf),
    notices: async (): Promise<MockNotice[]> => list((await expectOk('GET', 'notices'))['items'], 'notices').map(noticeOf),
    orderFault: (fault: Json) => expectOk('POST', 'faults', fault),
    clearFaults: () => expectOk('DELETE', 'faults'),
    /** Moves the mock's clock; what falls due on the way is sent before this resolves. */
    advance: (advanceMs: number) => expectOk('POST', 'clock', { advanceMs }),
    now: async (): Promise<number> => Date.parse(text(await expectOk('GET', 'health'), 'now')),
  }
}

function merchantOf(item: Json): Merchant {
  const appIds = item['appids']
  const appId: unknown = Array.isArray(appIds) ? appIds[0] : undefined
  if (typeof appId !== 'string') throw new TypeError('a merchant of the mock has an appid')
  const platform = record(item['platform'], 'platform')
  return {
    mchId: text(item, 'mchid'),
    appId,
    keyV2: text(item, 'apiKeyV2'),
    keyV3: text(item, 'apiV3Key'),
    serial: text(item, 'merchantSerial'),
    privateKey: text(item, 'merchantPrivateKey'),
    certificate: text(item, 'merchantCertificate'),
    publicKeyId: text(platform, 'publicKeyId'),
    publicKey: text(platform, 'publicKey'),
  }
}

function tradeOf(item: Json): Trade {
  return {
    outTradeNo: text(item, 'outTradeNo'),
    state: text(item, 'state'),
    amountFen: number(item, 'amountFen'),
    transactionId: textOrNull(item, 'transactionId'),
    wasClosed: item['closedAt'] !== null,
    expired: item['expired'] === true,
  }
}

function noticeOf(item: Json): MockNotice {
  return {
    protocol: text(item, 'protocol'),
    outTradeNo: text(item, 'outTradeNo'),
    transactionId: text(item, 'transactionId'),
    state: text(item, 'state'),
    nextAttemptAt: textOrNull(item, 'nextAttemptAt'),
    attempts: list(item['attempts'], 'attempts').map((attempt) => ({
      status: attempt['status'] === null ? null : number(attempt, 'status'),
      body: textOrNull(attempt, 'body'),
      error: textOrNull(attempt, 'error'),
      faults: Array.isArray(attempt['faults']) ? attempt['faults'].map(String) : [],
    })),
  }
}
