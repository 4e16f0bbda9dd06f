import { BlockList } from 'node:net'
import { describe, expect, it } from 'vitest'
import { ErrorBody, ShopView } from 'wxpay-core/contract'
import type { AccountCommands } from '../commands/accountCommands.ts'
import { OrderNotExtendableError } from '../domain/errors.ts'
import type { Means } from '../domain/means.ts'
import { anOrder, aPayment } from '../testing/shopInMemory.ts'
import { startTestApp } from '../testing/testApp.ts'

const lin = { appId: 'wxofficial', openId: 'oLin' }
const wang = { appId: 'wxminiprogram', openId: 'oWang' }

const unused = () => Promise.reject(new Error('not part of this test'))
const officialAccount: Partial<AccountCommands> = { authorisation: { begin: unused, finish: unused } }
const miniProgram: Partial<AccountCommands> = { miniProgram: { login: unused } }
/** The cookie "lin" and the login token "wang" are known. */
const known: Partial<AccountCommands> = {
  async findPayer(token, source) {
    if (source === 'official-account' && token === 'lin') return { ...lin, source }
    return source === 'mini-program' && token === 'wang' ? { ...wang, source } : null
  },
}
const both = { ...officialAccount, ...miniProgram, ...known }
const asLin = { headers: { cookie: 'wxpay_payer=lin' } }
const asWang = { headers: { authorization: 'Bearer wang' } }

type App = Awaited<ReturnType<typeof startTestApp>>

/** Both requests that begin a payment. */
async function begin(app: App, tradeType: string, init: RequestInit = {}) {
  const { token } = app.shop.add().order
  const responses = [
    await app.post('/v1/checkouts', { amountFen: 1, tradeType }, init),
    await app.post(`/v1/checkouts/${token}/payments`, { tradeType }, init),
  ]
  const means = app.calls.map(({ input }) => Reflect.get(Object(input) as object, 'means') as Means)
  return { responses, means }
}

async function refusal(app: App, tradeType: string, init?: RequestInit) {
  const { responses } = await begin(app, tradeType, init)
  expect(app.calls).toEqual([])
  const [first, second] = await Promise.all(
    responses.map(async (response) => ({ status: response.status, error: ErrorBody.parse(await response.json()).error })),
  )
  expect(second).toMatchObject({ status: first?.status, error: { code: first?.error.code } })
  return first
}

describe('paying by JSAPI', () => {
  it('is for the payer that WeChat named, by cookie or by login token, at the address they call from', async () => {
    for (const [init, payer] of [
      [asLin, lin],
      [asWang, wang],
    ] as const) {
      const { responses, means } = await begin(await startTestApp({ accounts: both }), 'jsapi', init)
      expect(responses.map(({ status }) => status)).toEqual([201, 201])
      expect(means).toEqual(Array.from({ length: 2 }, () => ({ tradeType: 'jsapi', payer, address: '127.0.0.1' })))
    }
  })

  it.each([{}, { headers: { cookie: 'wxpay_payer=expired' } }, { headers: { authorization: 'Bearer expired' } }])(
    'is refused, and nothing is stored, for somebody whom we do not know: %o',
    async (init) => {
      expect(await refusal(await startTestApp({ accounts: both }), 'jsapi', init)).toMatchObject({
        status: 401,
        error: { code: 'payer_unknown' },
      })
    },
  )

  it('never takes an openid from a body', async () => {
    const app = await startTestApp({ accounts: both })
    const response = await app.post('/v1/checkouts', { amountFen: 1, tradeType: 'jsapi', openId: 'oLin' }, asLin)
    expect(response.status).toBe(400)
    expect(app.calls).toEqual([])
  })

  it.each([
    ['there is neither an official account nor a mini program', known, asLin],
    ['there is only a mini program and a browser asks', { ...miniProgram, ...known }, asLin],
    ['there is only an official account and a mini program asks', { ...officialAccount, ...known }, asWang],
  ])('is not enabled when %s', async (_when, accounts, init) => {
    expect(await refusal(await startTestApp({ accounts }), 'jsapi', init)).toMatchObject({
      status: 409,
      error: { code: 'trade_type_not_enabled', problems: [{ param: 'tradeType', code: 'not_enabled' }] },
    })
  })

  it('R1 gives the requests of two payers two fingerprints, for both requests that begin a payment', async () => {
    const app = await startTestApp({ accounts: both })
    const { token } = app.shop.add().order
    for (const init of [asLin, asWang]) {
      await app.post('/v1/checkouts', { amountFen: 1, tradeType: 'jsapi' }, init)
      await app.post(`/v1/checkouts/${token}/payments`, { tradeType: 'jsapi' }, init)
    }
    const prints = app.calls.map(({ input }) => JSON.stringify(Reflect.get(Object(input) as object, 'request')))
    expect(new Set(prints).size).toBe(4)
  })
})

describe('what leads to a payer’s own payment', () => {
  const invoke = { appId: 'wxofficial', timeStamp: '1', nonceStr: 'n', package: 'prepay_id=wx1', signType: 'RSA', paySign: 's' }
  const payment = aPayment({
    tradeType: 'jsapi',
    means: { tradeType: 'jsapi', payer: lin, address: '203.0.113.7' },
    action: { tradeType: 'jsapi', invoke },
  })

  it('is in the view of that payer and of nobody else, whichever request shows it', async () => {
    const app = await startTestApp({ accounts: both })
    const path = `/v1/checkouts/${app.shop.add({}, [payment]).order.token}`
    const views = async (init: RequestInit) =>
      Promise.all(
        [
          app.get(path, init),
          app.get(`${path}/extend`, { ...init, method: 'POST' }),
          app.get(`${path}/cancel`, { ...init, method: 'POST' }),
        ].map(async (response) => (await response).json() as Promise<{ action: unknown }>),
      )
    for (const view of await views(asLin)) expect(view.action).toEqual({ tradeType: 'jsapi', invoke })
    for (const init of [{}, asWang, { headers: { cookie: 'wxpay_payer=other' } }]) {
      for (const view of await views(init)) expect(view).toMatchObject({ action: null, attempt: 'pending', tradeType: 'jsapi' })
    }
  })

  it('is also in the view beside a refusal', async () => {
    const extendPayment = () => Promise.reject(new OrderNotExtendableError('no', { order: anOrder(), payments: [payment] }))
    const app = await startTestApp({ accounts: both, commands: { extendPayment } })
    const { token } = app.shop.add().order
    const shown = async (init: RequestInit) => (await app.get(`/v1/checkouts/${token}/extend`, { ...init, method: 'POST' })).json()
    expect(await shown(asLin)).toMatchObject({ error: { code: 'order_not_extendable' }, view: { action: { tradeType: 'jsapi' } } })
    expect(await shown({})).toMatchObject({ view: { action: null } })
  })
})

describe('paying by H5', () => {
  const trustedProxies = new BlockList()
  trustedProxies.addAddress('127.0.0.1')

  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:0DB8:0:0::51', '2001:db8::51'],
    ['198.51.100.1, 203.0.113.7', '203.0.113.7'],
  ])('names the phone’s own address behind a trusted proxy: %s', async (forwarded, address) => {
    const app = await startTestApp({ h5: true, trustedProxies })
    const { means } = await begin(app, 'h5', { headers: { 'x-forwarded-for': forwarded } })
    expect(means[0]).toEqual({ tradeType: 'h5', device: 'Wap', address })
  })

  it('does not let a caller choose its address', async () => {
    const { means } = await begin(await startTestApp({ h5: true }), 'h5', { headers: { 'x-forwarded-for': '203.0.113.7' } })
    expect(means[0]).toMatchObject({ address: '127.0.0.1' })
  })

  it.each([
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15', 'iOS'],
    ['Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36', 'Android'],
    ['Mozilla/5.0 (X11; Linux x86_64)', 'Wap'],
    ['', 'Wap'],
  ])('tells the device by the user agent: %s', async (userAgent, device) => {
    const { means } = await begin(await startTestApp({ h5: true }), 'h5', { headers: { 'user-agent': userAgent } })
    expect(means[0]).toMatchObject({ device })
  })

  it('is not enabled unless a setting says so', async () => {
    expect(await refusal(await startTestApp(), 'h5')).toMatchObject({ status: 409, error: { code: 'trade_type_not_enabled' } })
  })
})

describe('GET /v1/shop', () => {
  it.each([
    [['native'], {}],
    [['native', 'jsapi'], { accounts: { ...officialAccount } }],
    [['native', 'h5'], { h5: true }],
    [['native', 'jsapi', 'h5'], { h5: true, accounts: both }],
  ])('tells what is enabled, on every device: %o', async (tradeTypes, options) => {
    const app = await startTestApp(options)
    for (const userAgent of ['MicroMessenger', 'Mozilla/5.0 (X11; Linux x86_64)']) {
      expect(await (await app.get('/v1/shop', { headers: { 'user-agent': userAgent } })).json()).toMatchObject({ tradeTypes })
    }
  })

  it('does not offer JSAPI to WeChat’s browser where payers are known in the mini program only', async () => {
    const app = await startTestApp({ h5: true, accounts: { ...miniProgram } })
    const offeredTo = async (userAgent: string) =>
      ShopView.parse(await (await app.get('/v1/shop', { headers: { 'user-agent': userAgent } })).json()).tradeTypes
    expect(await offeredTo('Mozilla/5.0 (iPhone) MicroMessenger/8.0.50')).toEqual(['native', 'h5'])
    expect(await offeredTo('Mozilla/5.0 (iPhone) MicroMessenger/8.0.50 miniProgram/wxminiprogram')).toEqual(['native', 'jsapi', 'h5'])
    expect(await offeredTo('the server of a shop')).toEqual(['native', 'jsapi', 'h5'])
  })
})
