import { BlockList } from 'node:net'
import { describe, expect, it } from 'vitest'
import { CheckoutView, ErrorBody, errorTable, ShopView } from 'wxpay-core/contract'
import { toFen } from 'wxpay-core/money'
import {
  type CheckoutError,
  IdempotencyKeyReusedError,
  OrderNotCancellableError,
  OrderNotExtendableError,
  RequestInProgressError,
  TooManyCheckoutsError,
} from '../../domain/errors.ts'
import { presentCheckout } from '../../presenters/presentCheckout.ts'
import { TooManyReadsError } from '../../status/readQueue.ts'
import { anOrder, aPayment, now } from '../../testing/shopInMemory.ts'
import { startTestApp } from '../../testing/testApp.ts'

/** What the command was asked for in the only call. */
function inputOf(calls: { name: string; input: unknown }[], name: string): unknown {
  expect(calls.map((call) => call.name)).toEqual([name])
  return calls[0]?.input
}

describe('POST /v1/checkouts', () => {
  it('opens an order and answers 201 with its view', async () => {
    const app = await startTestApp()
    const response = await app.post('/v1/checkouts', { amountFen: 1250, description: '一本书' })
    expect(response.status).toBe(201)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.has('idempotency-replayed')).toBe(false)
    expect(CheckoutView.parse(await response.json())).toMatchObject({
      amountFen: 1250,
      description: '一本书',
      version: 1,
      remainingMs: 300_000,
    })
    expect(inputOf(app.calls, 'openCheckout')).toMatchObject({
      amountFen: toFen(1250),
      description: '一本书',
      means: { tradeType: 'native' },
      clientAddress: '127.0.0.1',
      request: { scope: 'POST /v1/checkouts', key: 'key-1', fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
  })

  it('takes the name of the shop where no description is given', async () => {
    const app = await startTestApp()
    await app.post('/v1/checkouts', { amountFen: 1 })
    expect(inputOf(app.calls, 'openCheckout')).toMatchObject({ description: '青禾书店' })
  })

  it.each(['jsapi', 'h5'])('refuses to begin by %s, which this merchant has not enabled', async (tradeType) => {
    const app = await startTestApp()
    const { token } = app.shop.add().order
    for (const response of [
      await app.post('/v1/checkouts', { amountFen: 1, tradeType }),
      await app.post(`/v1/checkouts/${token}/payments`, { tradeType }),
    ]) {
      expect(response.status).toBe(409)
      expect(ErrorBody.parse(await response.json()).error.code).toBe('trade_type_not_enabled')
    }
    expect(app.calls).toEqual([])
  })

  it('R1 gives equal parameters equal fingerprints, in whatever order they come, and others another', async () => {
    const app = await startTestApp()
    for (const body of [
      '{"amountFen":1,"description":"a"}',
      '{ "description": "a", "amountFen": 1.0 }',
      '{"amountFen":2,"description":"a"}',
      '{"amountFen":1}',
    ]) {
      await app.post('/v1/checkouts', body)
    }
    const [a, b, c, d] = app.calls.map(({ input }) => JSON.stringify(Reflect.get(Object(input) as object, 'request')))
    expect(a).toBe(b)
    expect(new Set([a, c, d]).size).toBe(3)
  })

  it('says that an answer is a replay', async () => {
    const view = presentCheckout({ order: anOrder(), payments: [aPayment()] }, now)
    const app = await startTestApp({
      commands: { openCheckout: async () => ({ answer: { status: 201, errorCode: null, view }, replayed: true }) },
    })
    const response = await app.post('/v1/checkouts', { amountFen: 1250 })
    expect(response.headers.get('idempotency-replayed')).toBe('true')
    expect(await response.json()).toEqual(view)
  })

  it('counts limits by the address that a trusted proxy saw, whatever the caller wrote before it', async () => {
    const trustedProxies = new BlockList()
    trustedProxies.addSubnet('127.0.0.0', 8)
    trustedProxies.addAddress('10.0.0.5')
    const app = await startTestApp({ trustedProxies })
    const from = (forwarded: string) => app.post('/v1/checkouts', { amountFen: 1 }, { headers: { 'X-Forwarded-For': forwarded } })
    await from('1.1.1.1, 203.0.113.9')
    await from('1.1.1.1, 203.0.113.9, 10.0.0.5')
    await from('2001:db8:1:2:3:4:5:6')
    await from('nonsense')
    expect(app.calls.map(({ input }) => input)).toMatchObject(
      ['203.0.113.9', '203.0.113.9', '2001:db8:1:2::/64', '127.0.0.1'].map((clientAddress) => ({ clientAddress })),
    )
  })

  it('passes over X-Forwarded-For when nobody is trusted', async () => {
    const app = await startTestApp()
    await app.post('/v1/checkouts', { amountFen: 1 }, { headers: { 'X-Forwarded-For': '1.1.1.1' } })
    expect(inputOf(app.calls, 'openCheckout')).toMatchObject({ clientAddress: '127.0.0.1' })
  })
})

describe('GET /v1/checkouts/:token', () => {
  it('shows the order, and nothing of it that is not the shopper’s business', async () => {
    const app = await startTestApp()
    const { order } = app.shop.add({}, [aPayment({ openId: 'oUpF8uMuAJO', transactionId: '42000' })])
    const response = await app.get(`/v1/checkouts/${order.token}`)
    const body: unknown = await response.json()
    expect(CheckoutView.strict().parse(body)).toMatchObject({ token: order.token, action: { codeUrl: 'weixin://wxpay/bizpayurl?pr=abc' } })
    expect(JSON.stringify(body)).not.toMatch(/oUpF8|42000|P2026/)
  })

  it('answers HEAD without a body', async () => {
    const app = await startTestApp()
    const response = await app.get(`/v1/checkouts/${app.shop.add().order.token}`, { method: 'HEAD' })
    expect({ status: response.status, body: await response.text() }).toEqual({ status: 200, body: '' })
  })
})

describe('POST /v1/checkouts/:token/…', () => {
  it('payments starts a new attempt under the token’s own fingerprint', async () => {
    const app = await startTestApp()
    const tokens = [app.shop.add().order.token, app.shop.add().order.token]
    for (const token of tokens) expect((await app.post(`/v1/checkouts/${token}/payments`, { tradeType: 'native' })).status).toBe(201)
    const prints = app.calls.map(({ input }) => JSON.stringify(Reflect.get(Object(input) as object, 'request')))
    expect(new Set(prints).size).toBe(2)
  })

  it('payments answers 409 with the view when the order is not payable, also when that is replayed', async () => {
    const view = presentCheckout(
      { order: anOrder({ status: 'paid', paidAt: now, recordedAt: now }), payments: [aPayment({ status: 'paid' })] },
      now,
    )
    const app = await startTestApp({
      commands: { startPayment: async () => ({ answer: { status: 409, errorCode: 'order_not_payable', view }, replayed: true }) },
    })
    const response = await app.post(`/v1/checkouts/${view.token}/payments`, { tradeType: 'native' })
    expect(response.status).toBe(409)
    expect(response.headers.get('idempotency-replayed')).toBe('true')
    expect(await response.json()).toMatchObject({ error: { code: 'order_not_payable' }, view: { status: 'paid' } })
  })

  it.each(['extend', 'cancel'])('%s takes no body, with a key or without', async (verb) => {
    const app = await startTestApp()
    const { token } = app.shop.add().order
    expect((await app.get(`/v1/checkouts/${token}/${verb}`, { method: 'POST' })).status).toBe(200)
    const response = await app.post(`/v1/checkouts/${token}/${verb}`, {})
    expect(CheckoutView.parse(await response.json())).toMatchObject({ token })
  })

  it('cancel answers 202 while the close is not known to have worked', async () => {
    const app = await startTestApp({
      commands: {
        cancelOrder: async () => ({ checkout: { order: anOrder(), payments: [aPayment({ status: 'closing' })] }, outcome: 'closing' }),
      },
    })
    const response = await app.post(`/v1/checkouts/${app.shop.add().order.token}/cancel`, '')
    expect({ status: response.status, view: await response.json() }).toMatchObject({ status: 202, view: { attempt: 'closing' } })
  })
})

describe('GET /v1/shop', () => {
  it('tells the page what it needs', async () => {
    const app = await startTestApp()
    expect(ShopView.strict().parse(await (await app.get('/v1/shop')).json())).toEqual({
      name: '青禾书店',
      contact: '010-5555 0100',
      locale: 'zh-CN',
      limits: { minAmountFen: 1, maxAmountFen: 5_000_000 },
      tradeTypes: ['native'],
    })
  })
})

describe('errors of a command', () => {
  const checkout = { order: anOrder(), payments: [aPayment()] }
  const cases: [CheckoutError, string | null][] = [
    [new OrderNotExtendableError('x', checkout), null],
    [new OrderNotCancellableError('x', checkout), null],
    [new TooManyCheckoutsError('too_many_requests', 12.3), '13'],
    [new TooManyCheckoutsError('too_many_open_orders', 0), '1'],
    [new IdempotencyKeyReusedError('x'), null],
    [new RequestInProgressError('x'), '2'],
  ]

  it.each(cases)('%s is answered by its code', async (error, retryAfter) => {
    const app = await startTestApp({ commands: { openCheckout: () => Promise.reject(error) } })
    const response = await app.post('/v1/checkouts', { amountFen: 1 })
    const body: unknown = await response.json()
    const { code } = ErrorBody.parse(body).error
    expect({ status: response.status, code, retryAfter: response.headers.get('retry-after') }).toEqual({
      status: code in errorTable ? errorTable[code as keyof typeof errorTable].status : 0,
      code: error.code,
      retryAfter,
    })
    if (error.checkout) expect(body).toMatchObject({ view: { token: checkout.order.token } })
    else expect(body).not.toHaveProperty('view')
  })

  it.each([
    Object.assign(new Error('disk full'), { code: '53100' }),
    Object.assign(new Error('starting up'), { code: '57P03' }),
    Object.assign(new Error('connection failure'), { code: '08006' }),
    Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
    Object.assign(new Error('connect'), { code: 'ENOENT' }),
    new Error('Connection terminated unexpectedly'),
    new Error('query failed', { cause: Object.assign(new Error('too many'), { code: '53300' }) }),
  ])('R25 a database that is away (%s) is 503 with Retry-After', async (error) => {
    const app = await startTestApp({ commands: { openCheckout: () => Promise.reject(error) } })
    const response = await app.post('/v1/checkouts', { amountFen: 1 })
    expect({ status: response.status, retryAfter: response.headers.get('retry-after') }).toEqual({ status: 503, retryAfter: '2' })
    expect(ErrorBody.parse(await response.json()).error.code).toBe('service_unavailable')
  })

  it('R25 a status that would have to wait too long for its read is 503 with Retry-After', async () => {
    const app = await startTestApp({ readCheckout: () => Promise.reject(new TooManyReadsError('x')) })
    const response = await app.get(`/v1/checkouts/${app.shop.add().order.token}/status`)
    expect({ status: response.status, retryAfter: response.headers.get('retry-after') }).toEqual({ status: 503, retryAfter: '2' })
  })

  it('an unforeseen one is 500, told in the log and not to the caller', async () => {
    const app = await startTestApp({ commands: { openCheckout: () => Promise.reject(new TypeError('secret detail of ours')) } })
    const response = await app.post('/v1/checkouts', { amountFen: 1 })
    const text = await response.text()
    expect(response.status).toBe(500)
    expect(text).not.toContain('secret detail')
    const { requestId } = ErrorBody.parse(JSON.parse(text)).error
    const logged = app.lines.find((line) => line.includes('secret detail'))
    expect(logged).toContain(requestId)
    expect(logged).toContain('/v1/checkouts')
  })
})

describe('the access log', () => {
  it('shows the pattern of the route and never the token', async () => {
    const app = await startTestApp()
    const { token } = app.shop.add().order
    await app.get(`/v1/checkouts/${token}`)
    await app.get(`/v1/checkouts/${token}/status`)
    await app.get(`/pay/${token}`)
    await app.get(`/v1/checkouts/${token}x/status?token=${token}`)
    await expect.poll(() => app.lines.length).toBe(4)
    expect(app.lines.join('')).not.toContain(token)
    expect(app.lines.map((line) => /"route":"([^"]*)"/.exec(line)?.[1])).toEqual([
      '/v1/checkouts/:token',
      '/v1/checkouts/:token/status',
      '/pay/:token',
      '/v1/checkouts/:token/status',
    ])
  })
})
