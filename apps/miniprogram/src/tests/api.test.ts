import { afterEach, describe, expect, it, vi } from 'vitest'
import { createApi, mayRepeat } from '../miniprogram/checkout/api.ts'
import { createFakeWx } from '../testing/fakeWx.ts'
import { httpServer, type Received, type Reply } from '../testing/httpServer.ts'
import { paidOrder, pendingOrder, statusOf, wireOf } from '../testing/orders.ts'
import { asSent, capitalised, createPhone } from '../testing/phone.ts'

const refusal = (status: number, code: string, headers = {}): Reply => ({
  status,
  headers,
  body: { error: { code, message: '…', requestId: 'r-1' } },
})
const nobody = {
  login: () => Promise.reject(new Error('no')),
  check: () => Promise.resolve({ dialog: '' }),
  confirm: () => Promise.resolve(),
}

async function setUp(answer: (request: Received) => Reply | null, { headerName = capitalised, domains = [] as string[] } = {}) {
  let logins = 0
  const server = await httpServer((request) => {
    if (request.path !== '/v1/miniprogram/login') return answer(request)
    return { status: 201, body: { token: `token-${++logins}`, expiresInMs: 14_400_000 } }
  })
  const phone = createPhone({
    appId: 'wx00000000000000m1',
    domains: domains.length > 0 ? domains : [server.url],
    wechat: nobody,
    headerName,
  })
  vi.stubGlobal('wx', createFakeWx(phone).wx)
  const codes = ['code-1', 'code-2', 'code-3']
  const loginCode = vi.fn(() => Promise.resolve(codes.shift() ?? null))
  return { api: createApi({ apiUrl: server.url, loginCode }), received: server.received, loginCode, phone }
}

const paths = (received: readonly Received[]) => received.map(({ method, path }) => `${method} ${path}`)

afterEach(() => void vi.unstubAllGlobals())

describe('the API', () => {
  it('is told who pays by a login token, which is asked for once', async () => {
    const { api, received } = await setUp(() => ({ status: 201, body: wireOf(pendingOrder) }))
    expect(await api.openCheckout(1250, 'key-1')).toEqual({ ok: true, value: pendingOrder })
    await api.startPayment(pendingOrder.token, 'key-2')
    expect(paths(received)).toEqual([
      'POST /v1/miniprogram/login',
      'POST /v1/checkouts',
      `POST /v1/checkouts/${pendingOrder.token}/payments`,
    ])
    expect(received[0]?.body).toEqual({ code: 'code-1' })
    expect(received[1]).toMatchObject({
      body: { amountFen: 1250, tradeType: 'jsapi' },
      headers: { authorization: 'Bearer token-1', 'idempotency-key': 'key-1' },
    })
    expect(received[2]).toMatchObject({
      body: { tradeType: 'jsapi' },
      headers: { authorization: 'Bearer token-1', 'idempotency-key': 'key-2' },
    })
  })

  it('gets a new login token once when it does not know the old one any more, and the same request with the same key', async () => {
    const { api, received } = await setUp(({ headers }) =>
      headers.authorization === 'Bearer token-1' ? refusal(401, 'payer_unknown') : { status: 201, body: wireOf(pendingOrder) },
    )
    expect(await api.openCheckout(1250, 'key-1')).toMatchObject({ ok: true })
    expect(received.map(({ headers }) => headers['idempotency-key'])).toEqual([undefined, 'key-1', undefined, 'key-1'])
  })

  it('is not asked again and again when the new token will not do either', async () => {
    const { api, received, loginCode } = await setUp(() => refusal(401, 'payer_unknown'))
    expect(await api.openCheckout(1250, 'key-1')).toMatchObject({ ok: false, refusal: { status: 401, code: 'payer_unknown' } })
    expect(received).toHaveLength(4)
    expect(loginCode).toHaveBeenCalledTimes(2)
  })

  it('is not asked at all when WeChat gives no code', async () => {
    const { api, received, loginCode } = await setUp(() => ({ status: 500 }))
    loginCode.mockResolvedValue(null)
    expect(await api.openCheckout(1250, 'key-1')).toMatchObject({ ok: false, refusal: { status: null, code: 'no_login_code' } })
    expect(received).toEqual([])
  })

  it.each([
    ['as the server wrote them', asSent],
    ['with capitals', capitalised],
  ])('may ask for patience, on phones that hand headers on %s', async (_, headerName) => {
    const { api } = await setUp(() => refusal(429, 'too_many_requests', { 'retry-after': '7' }), { headerName })
    const answer = await api.cancel('t')
    expect(answer).toMatchObject({ ok: false, refusal: { status: 429, code: 'too_many_requests', requestId: 'r-1', retryAfterMs: 7000 } })
  })

  it('tells with a 409 how the order stands', async () => {
    const { api } = await setUp(() => ({
      status: 409,
      body: { error: { code: 'order_not_payable', message: '…', requestId: 'r-1' }, view: wireOf(paidOrder) },
    }))
    expect(await api.startPayment('t', 'key')).toMatchObject({ ok: false, refusal: { status: 409, order: paidOrder } })
  })

  it('holds a status request', async () => {
    const { api, received } = await setUp(() => ({ status: 200, body: { ...statusOf(paidOrder) } }))
    expect(await api.fetchStatus('t', { version: 3, waitSeconds: 20 }, () => undefined)).toEqual({ ok: true, value: statusOf(paidOrder) })
    expect(paths(received)).toEqual(['GET /v1/checkouts/t/status?version=3&wait=20'])
  })

  it.each<[string, Reply | null, string, boolean]>([
    ['a page of a proxy', { status: 502, body: '<html>Bad Gateway</html>' }, 'unreadable_answer', true],
    ['an answer that does not fit', { status: 200, body: { token: 't' } }, 'unreadable_answer', true],
    ['a connection that is cut', null, 'no_answer', true],
    ['a refusal', refusal(422, 'trade_type_not_enabled'), 'trade_type_not_enabled', false],
    ['a request still under way', refusal(409, 'request_in_progress'), 'request_in_progress', true],
  ])('is heard out when it answers with %s', async (_, reply, code, repeats) => {
    const { api } = await setUp(() => reply)
    const answer = await api.cancel('t')
    if (answer.ok) throw new Error('this is no success')
    expect(answer.refusal.code).toBe(code)
    expect(mayRepeat(answer.refusal)).toBe(repeats)
  })

  it('cannot be reached at a host that is not registered', async () => {
    const { api, received } = await setUp(() => ({ status: 200 }), { domains: ['https://pay.example.com'] })
    expect(await api.fetchShop()).toMatchObject({ ok: false, refusal: { code: 'no_answer' } })
    expect(received).toEqual([])
  })
})
