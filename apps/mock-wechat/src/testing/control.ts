import { z } from 'zod'

const User = z.strictObject({ id: z.string(), nickname: z.string(), openid: z.string(), unionid: z.string(), follower: z.boolean() })
const Account = z.strictObject({
  kind: z.enum(['official-account', 'mini-program']),
  appid: z.string(),
  originalId: z.string(),
  secret: z.string(),
  token: z.string(),
  aesKey: z.string(),
  messagesUrl: z.string().nullable(),
  mode: z.enum(['plain', 'compatible', 'safe']),
  format: z.enum(['xml', 'json']),
  oauthDomain: z.string().nullable(),
  jsDomains: z.array(z.string()).nullable(),
  scopes: z.array(z.string()),
  ipList: z.array(z.string()).nullable(),
  users: z.array(User),
})
const Merchant = z.strictObject({
  mchid: z.string(),
  name: z.string(),
  appids: z.array(z.string()),
  apiKeyV2: z.string(),
  apiV3Key: z.string(),
  merchantSerial: z.string(),
  merchantPrivateKey: z.string(),
  merchantCertificate: z.string(),
  platform: z.strictObject({ publicKeyId: z.string(), publicKey: z.string(), serial: z.string(), certificate: z.string() }),
  signing: z.strictObject({ mode: z.enum(['cert', 'mixed', 'pubkey']), share: z.number(), probes: z.number() }),
  scanUrl: z.string().nullable(),
  h5Domains: z.array(z.string()).nullable(),
  refundUrl: z.string().nullable(),
  accounts: z.array(Account),
})
export type Merchant = z.infer<typeof Merchant>
const Merchants = z.object({ items: z.array(Merchant) })
const Trade = z.looseObject({
  outTradeNo: z.string(),
  mchid: z.string(),
  state: z.string(),
  amountFen: z.number(),
  codeUrl: z.string().nullable(),
  prepayId: z.string(),
  transactionId: z.string().nullable(),
})
const Attempt = z.looseObject({
  at: z.string(),
  status: z.number().nullable(),
  body: z.string().nullable(),
  error: z.string().nullable(),
  acknowledged: z.boolean(),
  faults: z.array(z.string()),
})
const Notice = z.looseObject({
  id: z.string(),
  protocol: z.enum(['v2', 'v3']),
  kind: z.enum(['payment', 'refund']),
  outTradeNo: z.string(),
  state: z.string(),
  attempts: z.array(Attempt),
  nextAttemptAt: z.string().nullable(),
})

export interface ControlAnswer {
  status: number
  json: unknown
}

/** The control side of a running mock, as a test sees it: over HTTP. */
export function controlOf(url: string) {
  async function call(method: string, path: string, body?: unknown): Promise<ControlAnswer> {
    const response = await fetch(`${url}/_control/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, json: text === '' ? null : JSON.parse(text) }
  }

  async function must(method: string, path: string, body?: unknown): Promise<unknown> {
    const { status, json } = await call(method, path, body)
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(json)}`)
    return json
  }

  return {
    call,
    must,
    merchants: async () => Merchants.parse(await must('GET', 'merchants')).items,
    trades: async () => z.object({ items: z.array(Trade) }).parse(await must('GET', 'trades')).items,
    notices: async () => z.object({ items: z.array(Notice) }).parse(await must('GET', 'notices')).items,
    pay: (body: unknown) => must('POST', 'pay', body),
    advance: (advanceMs: number) => must('POST', 'clock', { advanceMs }),
    fault: (body: unknown) => must('POST', 'faults', body),
    resend: (id: string) => must('POST', `notices/${id}/resend`),
    reset: () => must('POST', 'reset'),
    signing: (body: unknown) => must('POST', 'signing', body),
    rotate: () => must('POST', 'certificates/rotate', {}),
    clearFaults: () => must('DELETE', 'faults'),
  }
}

export type Control = ReturnType<typeof controlOf>
