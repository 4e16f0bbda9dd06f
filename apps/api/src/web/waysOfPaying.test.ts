import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { CheckoutView } from 'wxpay-core/contract'
import { z } from 'zod'
import { loadConfig } from '../config.ts'
import { startMockWechat, type MockWechat } from '../testing/mockWechat.ts'
import { query } from '../testing/query.ts'
import { createTestDatabase, type TestDatabase } from '../testing/testDatabase.ts'
import { startProcess, type Process } from '../wiring.ts'

const operatorToken = 'a1'.repeat(32)
const patience = { timeout: 20_000, interval: 20 }

/** WeChat has to know the address before the service listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

/** The whole service and WeChat, each a server of its own: what one signs the other has to believe. */
describe.each(['v2', 'v3'] as const)('by protocol %s', (protocol) => {
  let wechat: MockWechat
  let database: TestDatabase
  let shop: Process

  beforeAll(async () => {
    wechat = await startMockWechat()
    database = await createTestDatabase()
    const [merchant] = wechat.merchants
    const [official, mini] = merchant.accounts
    const { host = '', port: databasePort = 0, user = '', database: name = '' } = database.config
    const port = await freePort()
    shop = await startProcess(
      loadConfig({
        PORT: String(port),
        PUBLIC_URL: `http://127.0.0.1:${port}`,
        DATABASE_URL: `postgres://${user}@localhost:${databasePort}/${name}?host=${encodeURIComponent(host)}`,
        SHOP_NAME: '青禾书店',
        OPERATOR_TOKEN: operatorToken,
        WXPAY_PROTOCOL: protocol,
        WXPAY_MCH_ID: merchant.mchid,
        WXPAY_APP_ID: official.appid,
        WXPAY_V2_KEY: merchant.apiKeyV2,
        WXPAY_V3_KEY: merchant.apiV3Key,
        WXPAY_MERCHANT_PRIVATE_KEY: merchant.merchantPrivateKey,
        WXPAY_MERCHANT_SERIAL: merchant.merchantSerial,
        WXPAY_PUBLIC_KEY_ID: merchant.platform.publicKeyId,
        WXPAY_PUBLIC_KEY: merchant.platform.publicKey,
        WXPAY_API_URL: wechat.url,
        WXPAY_H5: 'on',
        WXPAY_SCAN: 'on',
        WECHAT_API_URL: wechat.url,
        WECHAT_OPEN_URL: wechat.url,
        WECHAT_MINIPROGRAM_APP_ID: mini.appid,
        WECHAT_MINIPROGRAM_SECRET: mini.secret,
      }),
      pino({ level: 'silent' }),
    )
    await wechat.ask('accounts', { mchid: merchant.mchid, scanUrl: `${shop.url}/notices/v2/scan` })
  })

  afterAll(async () => {
    await shop.stop()
    await database.drop()
    await wechat.stop()
  })

  const mini = () => wechat.merchants[0].accounts[1]

  function post(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
    const json = { 'content-type': 'application/json', 'idempotency-key': randomUUID() }
    return fetch(shop.url + path, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) })
  }

  async function begin(path: string, body: object, headers: Record<string, string> = {}): Promise<CheckoutView> {
    const response = await post(path, body, headers)
    expect(response.status).toBe(201)
    return CheckoutView.parse(await response.json())
  }

  /** As the mini program: a login, and the payer's openid, which only WeChat tells. */
  async function logIn(): Promise<{ authorization: string; openid: string }> {
    const { code, openid } = z
      .object({ code: z.string(), openid: z.string() })
      .parse(await wechat.ask('miniprogram/code', { appid: mini().appid }))
    const { token } = z.object({ token: z.string() }).parse(await (await post('/v1/miniprogram/login', { code })).json())
    return { authorization: `Bearer ${token}`, openid }
  }

  const untilPaid = (token: string) =>
    vi.waitUntil(async () => {
      const view = CheckoutView.parse(await (await fetch(`${shop.url}/v1/checkouts/${token}`)).json())
      return view.status === 'paid' ? view : false
    }, patience)

  it('a payer in WeChat pays what WeChat’s client has checked, and the notice says so', async () => {
    const { openid, ...payer } = await logIn()
    const view = await begin('/v1/checkouts', { amountFen: 1250, tradeType: 'jsapi' }, payer)
    if (view.action?.tradeType !== 'jsapi') throw new Error('no jsapi action')
    expect(view.action.invoke.appId).toBe(mini().appid)
    const sheet = await wechat.ask('bridge/pay', { ...view.action.invoke, openid })
    expect(sheet).toMatchObject({ state: 'sheet', amountFen: 1250 })
    const { prepayId } = z.object({ prepayId: z.string() }).parse(sheet)
    expect((await seenByOthers(view.token)).action).toBeNull()
    await wechat.ask('pay', { prepayId, openid })
    await untilPaid(view.token)
  })

  /** What somebody sees who has the token and is not the payer. */
  const seenByOthers = async (token: string) => CheckoutView.parse(await (await fetch(`${shop.url}/v1/checkouts/${token}`)).json())

  it('an order begun as a code is finished in WeChat; the code is closed there', async () => {
    const begun = await begin('/v1/checkouts', { amountFen: 1 })
    if (begun.action?.tradeType !== 'native') throw new Error('no code')
    const { openid, ...payer } = await logIn()
    const view = await begin(`/v1/checkouts/${begun.token}/payments`, { tradeType: 'jsapi' }, payer)
    if (view.action?.tradeType !== 'jsapi') throw new Error('no jsapi action')
    await expect(wechat.ask('scan', { codeUrl: begun.action.codeUrl })).rejects.toThrow('409')
    const sheet = z.object({ prepayId: z.string() }).parse(await wechat.ask('bridge/pay', { ...view.action.invoke, openid }))
    await wechat.ask('pay', { prepayId: sheet.prepayId, openid })
    await untilPaid(begun.token)
  })

  it('a phone’s browser pays by the link, and finds its way back to the order', async () => {
    const view = await begin('/v1/checkouts', { amountFen: 300, tradeType: 'h5' }, { 'user-agent': 'Mozilla/5.0 (iPhone)' })
    if (view.action?.tradeType !== 'h5') throw new Error('no h5 action')
    expect(view.action.url.startsWith(wechat.url)).toBe(true)
    const { searchParams } = new URL(view.action.url)
    expect(searchParams.get('redirect_url')).toBe(`${shop.url}/pay/${view.token}`)
    await wechat.ask('pay', { prepayId: searchParams.get('prepay_id') })
    await untilPaid(view.token)
  })

  it.each(['jsapi', 'h5'] as const)(
    'R4 a create by %s whose answer was lost is repeated, and becomes the same trade',
    async (tradeType) => {
      const { authorization } = await logIn()
      await wechat.order('POST', 'faults', { on: 'create', kind: 'reset-after', times: 1 })
      const { token } = await begin('/v1/checkouts', { amountFen: 7, tradeType }, { authorization })
      const stored = await vi.waitUntil(async () => {
        const [row, ...more] = await query(
          database.config,
          `SELECT out_trade_no, payments.status FROM payments JOIN orders ON orders.id = order_id WHERE token = '${token}'`,
        )
        expect(more).toEqual([])
        return row?.['status'] === 'preparing' ? false : row
      }, patience)
      expect(stored).toMatchObject({ status: 'pending' })
    },
  )

  describe('a printed code', () => {
    const operator = { authorization: `Bearer ${operatorToken}`, 'content-type': 'application/json' }
    const put = (productId: string, body: object) =>
      fetch(`${shop.url}/v1/products/${productId}`, { method: 'PUT', headers: operator, body: JSON.stringify(body) })
    const codeOf = async (productId: string) =>
      z
        .object({ codeUrl: z.string(), shortUrl: z.string().nullable() })
        .parse(await (await fetch(`${shop.url}/v1/products/${productId}/code`, { headers: operator })).json())
    const book = { name: '《海图》', priceFen: 4580, active: true }

    it('leads to an order at the product’s price, by its long text and by its short one, and is paid', async () => {
      await put('BOOK-0042', book)
      const { codeUrl, shortUrl } = await codeOf('BOOK-0042')
      for (const text of [codeUrl, shortUrl]) {
        const sheet = await wechat.ask('scan', { codeUrl: text ?? '' })
        expect(sheet).toMatchObject({ prepayId: expect.any(String), description: '《海图》', amountFen: 4580 })
        const { prepayId, outTradeNo } = z.object({ prepayId: z.string(), outTradeNo: z.string() }).parse(sheet)
        await wechat.ask('pay', { prepayId })
        await vi.waitUntil(async () => {
          const [row] = await query(database.config, `SELECT status, protocol FROM payments WHERE out_trade_no = '${outTradeNo}'`)
          return row?.['status'] === 'paid' && row['protocol'] === 'v2'
        }, patience)
      }
    })

    it('takes the price of the scan’s moment', async () => {
      await put('DEAR', book)
      const { codeUrl } = await codeOf('DEAR')
      await put('DEAR', { ...book, priceFen: 5000 })
      expect(await wechat.ask('scan', { codeUrl })).toMatchObject({ amountFen: 5000 })
    })

    it('of a product that is switched off tells the payer so', async () => {
      await put('GONE', book)
      const { codeUrl } = await codeOf('GONE')
      await put('GONE', { ...book, active: false })
      expect(await wechat.ask('scan', { codeUrl })).toMatchObject({ declined: '该商品已下架' })
    })

    it('of a product that was removed tells the payer so', async () => {
      await put('LOST', book)
      const { codeUrl } = await codeOf('LOST')
      expect((await fetch(`${shop.url}/v1/products/LOST`, { method: 'DELETE', headers: operator })).status).toBe(204)
      expect(await wechat.ask('scan', { codeUrl })).toMatchObject({ declined: '没有找到该商品，请联系商家' })
    })
  })
})
