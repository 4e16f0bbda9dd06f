import type { Signing } from './options.ts'
import { type Fields, readBoolean, readList, readNumber, readObject, readText, readTextOrNull } from './read.ts'

/** What WeChat knows of one attempt to pay. */
export interface Trade {
  outTradeNo: string
  /** That it was created with. */
  protocol: string
  /** NATIVE, JSAPI or MWEB. */
  tradeType: string
  state: string
  amountFen: number
  codeUrl: string | null
  declines: number
}

/** A message of WeChat's that a trade was paid. */
export interface Notice {
  id: string
  outTradeNo: string
  state: string
  attempts: { status: number | null; acknowledged: boolean; resent: boolean; body: string | null }[]
}

/** Money on its way back, as WeChat has it. */
export interface Refund {
  refundId: string
  /** v2, v3, or portal: WeChat's merchant platform. */
  origin: string
  outRefundNo: string
  refundFen: number
  status: string
}

/** What WeChat shows after a printed code was scanned: a bill, the merchant's own words, or WeChat's. */
export type ProductScanned = (Scanned & { prepayId: string }) | { declined: string } | { error: string }

export interface Scanned {
  merchant: string
  description: string
  amountFen: number
  outTradeNo: string
}

/** A fault of the mock: GET /_control/faults lists the kinds. */
export interface Fault {
  on: 'create' | 'query' | 'close' | 'certificates' | 'notice'
  kind: string
  outTradeNo?: string
  times?: number
  ms?: number
  by?: number
  copies?: number
  field?: string
  value?: string
}

/** Keys and certificates are PEM. */
export interface Merchant {
  mchId: string
  appId: string
  apiKeyV2: string
  apiV3Key: string
  privateKey: string
  certificate: string
  /** WeChat's. */
  publicKeyId: string
  publicKey: string
  /** Of WeChat's newest platform certificate. */
  platformSerial: string
  /** Has the merchant's first appid. */
  officialAccount: Account
  miniProgram: Account
}

export interface Account {
  appId: string
  secret: string
  token: string
  aesKey: string
}

/** WeChat said no: 404 `unknown`, 409 `expired`, `paid` or `closed`. */
export class WechatRefusal extends Error {
  override readonly name = 'WechatRefusal'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export type Wechat = ReturnType<typeof createWechat>

/** The control side of the mock: what a payer's thumb can do, what only WeChat can see, and what may go wrong on its way. */
export function createWechat(url: string) {
  const which = (codeUrl: string) => ({ codeUrl })

  return {
    url,
    phoneUrl: `${url}/phone`,
    async merchant(): Promise<Merchant> {
      const [merchant] = readList(await get('merchants'), 'items', readMerchant)
      if (!merchant) throw new Error('the mock has no merchant')
      return merchant
    },
    /** Where calls with the merchant's certificate go, and whose word it is that WeChat is there. */
    async tls(): Promise<{ url: string; ca: string }> {
      const tls = readObject((await get('merchants'))['tls'], 'tls')
      return { url: readText(tls, 'url'), ca: readText(tls, 'ca') }
    },

    scan: async (codeUrl: string): Promise<Scanned> => readScanned(await post('scan', which(codeUrl))),
    /** A printed code is scanned: WeChat asks the shop. */
    scanProduct: async (codeUrl: string): Promise<ProductScanned> => readProductScanned(await post('scan', which(codeUrl))),
    payPrepared: async (prepayId: string): Promise<void> => void (await post('pay', { prepayId })),
    pay: async (codeUrl: string): Promise<void> => void (await post('pay', which(codeUrl))),
    /** The money of a trade that is closed already. */
    payLate: async (outTradeNo: string): Promise<void> => void (await post('pay', { outTradeNo, late: true })),
    fail: async (codeUrl: string): Promise<void> => void (await post('fail', { ...which(codeUrl), reason: 'wrong-password' })),
    cancel: async (codeUrl: string): Promise<void> => void (await post('cancel', which(codeUrl))),

    /** The script that plays WeChat's browser. */
    bridgeScript: async (): Promise<string> => (await fetch(`${url}/_control/bridge/client.js`)).text(),
    /** What that script asks of the mock: `pay` before the sheet, `confirm` after it. Its page may not ask by itself. */
    async bridge(path: string, body: Fields): Promise<{ status: number; body: Fields }> {
      const response = await fetch(`${url}/_control/bridge/${path}`, jsonPost(body))
      return { status: response.status, body: readObject(await response.json()) }
    },
    /** Where WeChat asks the shop about a printed code. */
    askAt: async (mchId: string, scanUrl: string): Promise<void> => void (await post('accounts', { mchid: mchId, scanUrl })),

    trades: async (): Promise<Trade[]> => readList(await get('trades'), 'items', readTrade),
    /** Each test has an amount of its own, so these are the trades of its order. */
    async tradesOf(amountFen: number): Promise<Trade[]> {
      return readList(await get('trades'), 'items', readTrade).filter((trade) => trade.amountFen === amountFen)
    },
    /** The one notice of a trade. */
    async noticeOf(outTradeNo: string): Promise<Notice> {
      const [notice] = readList(await get(`notices?outTradeNo=${encodeURIComponent(outTradeNo)}`), 'items', readNotice)
      if (!notice) throw new Error(`WeChat has no notice of ${outTradeNo}`)
      return notice
    },
    /** The refunds of a trade, oldest first. */
    async refundsOf(outTradeNo: string): Promise<Refund[]> {
      return readList(await get(`refunds?outTradeNo=${encodeURIComponent(outTradeNo)}`), 'items', readRefund)
    },
    /** The next refund stays on its way until `finishRefund`. */
    holdRefund: async (): Promise<void> => void (await post('refunds/outcome', { outcome: 'hold', times: 1 })),
    finishRefund: async ({ refundId }: Refund, status: 'SUCCESS' | 'CLOSED' | 'ABNORMAL'): Promise<void> =>
      void (await post(`refunds/${encodeURIComponent(refundId)}/finish`, { status })),
    /** Sends it once more, now. Answers how that went. */
    async resend(noticeId: string): Promise<Notice['attempts'][number] | undefined> {
      return readNotice(await post(`notices/${noticeId}/resend`, {})).attempts.at(-1)
    },
    /** WeChat's clock runs ahead: what fell due on the way has been sent when this resolves. */
    advance: async (ms: number): Promise<void> => void (await post('clock', { advanceMs: ms })),

    /** @returns its number, for `struck` */
    order: async (fault: Fault): Promise<number> => readNumber(await post('faults', { ...fault }), 'id'),
    /** How many calls the fault has struck. */
    async struck(id: number): Promise<number> {
      const faults = readList(await get('faults'), 'items', (item) => ({ id: readNumber(item, 'id'), struck: readNumber(item, 'struck') }))
      return faults.find((fault) => fault.id === id)?.struck ?? 0
    },
    sign: async (signing: Signing): Promise<void> => void (await post('signing', { ...signing })),
    /** From now on WeChat signs with a new platform certificate. */
    rotateCertificate: async (): Promise<void> => void (await post('certificates/rotate', {})),
    behave: async (): Promise<void> => void (await send('DELETE', 'faults')),
  }

  function get(path: string): Promise<Fields> {
    return send('GET', path)
  }

  function post(path: string, body: Fields): Promise<Fields> {
    return send('POST', path, body)
  }

  async function send(method: string, path: string, body?: Fields): Promise<Fields> {
    const response = await fetch(`${url}/_control/${path}`, body ? { ...jsonPost(body), method } : { method })
    const text = await response.text()
    const answer = text === '' ? {} : readObject(JSON.parse(text))
    if (response.ok) return answer
    throw new WechatRefusal(readText(answer, 'code'), `${method} ${path}: ${response.status} ${text}`)
  }
}

function jsonPost(body: Fields): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

function readMerchant(item: Fields): Merchant {
  const appIds: unknown = item['appids']
  const appId: unknown = Array.isArray(appIds) ? appIds[0] : undefined
  const platform = readObject(item['platform'], 'platform')
  return {
    mchId: readText(item, 'mchid'),
    appId: readText({ appId }, 'appId'),
    apiKeyV2: readText(item, 'apiKeyV2'),
    apiV3Key: readText(item, 'apiV3Key'),
    privateKey: readText(item, 'merchantPrivateKey'),
    certificate: readText(item, 'merchantCertificate'),
    publicKeyId: readText(platform, 'publicKeyId'),
    publicKey: readText(platform, 'publicKey'),
    platformSerial: readText(platform, 'serial'),
    officialAccount: readAccount(item, 'official-account'),
    miniProgram: readAccount(item, 'mini-program'),
  }
}

function readAccount(item: Fields, kind: string): Account {
  const [account] = readList(item, 'accounts', (fields) => fields).filter((fields) => fields['kind'] === kind)
  if (!account) throw new Error(`the mock's merchant has no ${kind}`)
  const told = (name: string) => readText(account, name)
  return { appId: told('appid'), secret: told('secret'), token: told('token'), aesKey: told('aesKey') }
}

function readTrade(item: Fields): Trade {
  return {
    outTradeNo: readText(item, 'outTradeNo'),
    protocol: readText(item, 'protocol'),
    tradeType: readText(item, 'tradeType'),
    state: readText(item, 'state'),
    amountFen: readNumber(item, 'amountFen'),
    codeUrl: readTextOrNull(item, 'codeUrl'),
    declines: readList(item, 'declines', () => null).length,
  }
}

function readNotice(item: Fields): Notice {
  return {
    id: readText(item, 'id'),
    outTradeNo: readText(item, 'outTradeNo'),
    state: readText(item, 'state'),
    attempts: readList(item, 'attempts', (attempt) => ({
      status: attempt['status'] === null ? null : readNumber(attempt, 'status'),
      acknowledged: readBoolean(attempt, 'acknowledged'),
      resent: readBoolean(attempt, 'resent'),
      body: readTextOrNull(attempt, 'body'),
    })),
  }
}

function readRefund(item: Fields): Refund {
  return {
    refundId: readText(item, 'refundId'),
    origin: readText(item, 'origin'),
    outRefundNo: readText(item, 'outRefundNo'),
    refundFen: readNumber(item, 'refundFen'),
    status: readText(item, 'status'),
  }
}

function readProductScanned(item: Fields): ProductScanned {
  if ('declined' in item) return { declined: readText(item, 'declined') }
  if ('error' in item) return { error: readText(item, 'error') }
  return { ...readScanned(item), prepayId: readText(item, 'prepayId') }
}

function readScanned(item: Fields): Scanned {
  return {
    merchant: readText(item, 'merchant'),
    description: readText(item, 'description'),
    amountFen: readNumber(item, 'amountFen'),
    outTradeNo: readText(item, 'outTradeNo'),
  }
}
