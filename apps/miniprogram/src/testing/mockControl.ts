import type { WechatServers } from './phone.ts'

type Json = Record<string, unknown>

export interface Trade {
  outTradeNo: string
  state: string
  amountFen: number
}

export type MockControl = ReturnType<typeof mockControl>

/** The control side of the mock: what WeChat's servers do for a phone, and what only a test may do. */
export function mockControl(url: string) {
  async function call(method: string, path: string, body?: Json): Promise<{ status: number; json: Json }> {
    const json = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const response = await fetch(`${url}/_control/${path}`, { method, ...json })
    const text = await response.text()
    return { status: response.status, json: text === '' ? {} : record(JSON.parse(text)) }
  }

  async function ask(method: string, path: string, body?: Json): Promise<Json> {
    const { status, json } = await call(method, path, body)
    if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(json)}`)
    return json
  }

  async function merchants(): Promise<Json[]> {
    return list((await ask('GET', 'merchants'))['items'])
  }

  /** Of the nth merchant. */
  async function miniProgram(nth = 0): Promise<{ appId: string; secret: string }> {
    const account = list((await merchants())[nth]?.['accounts']).find(({ kind }) => kind === 'mini-program')
    return { appId: text(account?.['appid']), secret: text(account?.['secret']) }
  }

  const wechat: WechatServers = {
    login: async (appid) => text((await ask('POST', 'miniprogram/code', { appid }))['code']),
    async check(appId, invoke) {
      const { status, json } = await call('POST', 'bridge/pay', { ...invoke, miniProgramAppId: appId })
      if (status !== 200) return { dialog: text(json['message']) }
      return { prepayId: text(json['prepayId']), amountFen: Number(json['amountFen']) }
    },
    confirm: async (prepayId, choice) => void (await ask('POST', 'bridge/confirm', { prepayId, choice })),
  }

  return {
    wechat,
    miniProgram,
    /** Settings of an API that is the first merchant. */
    async settings(): Promise<Record<string, string>> {
      const merchant = record((await merchants())[0])
      const platform = record(merchant['platform'])
      const { appId, secret } = await miniProgram()
      return {
        WXPAY_APP_ID: text(list(merchant['accounts']).find(({ kind }) => kind === 'official-account')?.['appid']),
        WXPAY_MCH_ID: text(merchant['mchid']),
        WXPAY_V2_KEY: text(merchant['apiKeyV2']),
        WXPAY_V3_KEY: text(merchant['apiV3Key']),
        WXPAY_MERCHANT_PRIVATE_KEY: text(merchant['merchantPrivateKey']),
        WXPAY_MERCHANT_CERTIFICATE: text(merchant['merchantCertificate']),
        WXPAY_PUBLIC_KEY_ID: text(platform['publicKeyId']),
        WXPAY_PUBLIC_KEY: text(platform['publicKey']),
        WECHAT_MINIPROGRAM_APP_ID: appId,
        WECHAT_MINIPROGRAM_SECRET: secret,
      }
    },
    trades: async (): Promise<Trade[]> =>
      list((await ask('GET', 'trades'))['items']).map((trade) => ({
        outTradeNo: text(trade['outTradeNo']),
        state: text(trade['state']),
        amountFen: Number(trade['amountFen']),
      })),
    /** WeChat sends its notices about the trade again, now. */
    async resendNotices(outTradeNo: string): Promise<void> {
      for (const { id } of list((await ask('GET', `notices?outTradeNo=${outTradeNo}`))['items']))
        await ask('POST', `notices/${text(id)}/resend`, {})
    },
    /** Nothing goes wrong by order any more: notices are delivered again. */
    clearFaults: () => ask('DELETE', 'faults'),
    reset: () => ask('POST', 'reset', {}),
  }
}

function record(value: unknown): Json {
  if (typeof value !== 'object' || value === null) throw new TypeError('the mock answers with an object here')
  return { ...value }
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(record) : []
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('the mock answers with a text here')
  return value
}
