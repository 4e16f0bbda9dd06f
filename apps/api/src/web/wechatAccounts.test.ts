import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pino } from 'pino'
import { z } from 'zod'
import { loadConfig } from '../config.ts'
import { startMockWechat, type MockWechat } from '../testing/mockWechat.ts'
import { query } from '../testing/query.ts'
import { createTestDatabase, type TestDatabase } from '../testing/testDatabase.ts'
import { startProcess, type Process } from '../wiring.ts'

/** The whole service and WeChat, each over HTTP: what one side writes the other has to read. */
let wechat: MockWechat
let database: TestDatabase
let shop: Process

const agent = { 'user-agent': 'Mozilla/5.0 (iPhone) MicroMessenger/8.0.50' }
const proof = '0a1B2c3D4e5F6g7H'

beforeAll(async () => {
  wechat = await startMockWechat()
  database = await createTestDatabase()
  const [merchant] = wechat.merchants
  const [official, mini] = merchant.accounts
  const { host = '', port = 0, user = '', database: name = '' } = database.config
  shop = await startProcess(
    loadConfig({
      PORT: '0',
      PUBLIC_URL: 'http://127.0.0.1:3000',
      DATABASE_URL: `postgres://${user}@localhost:${port}/${name}?host=${encodeURIComponent(host)}`,
      SHOP_NAME: '青禾书店',
      WXPAY_MCH_ID: merchant.mchid,
      WXPAY_APP_ID: official.appid,
      WXPAY_V2_KEY: merchant.apiKeyV2,
      WXPAY_API_URL: wechat.url,
      WECHAT_API_URL: wechat.url,
      WECHAT_OPEN_URL: wechat.url,
      WECHAT_OA_SECRET: official.secret,
      WECHAT_OA_TOKEN: official.token,
      WECHAT_OA_AES_KEY: official.aesKey,
      WECHAT_OA_VERIFY: `MP_verify_${proof}.txt`,
      WECHAT_MINIPROGRAM_APP_ID: mini.appid,
      WECHAT_MINIPROGRAM_SECRET: mini.secret,
    }),
    pino({ level: 'silent' }),
  )
})

afterAll(async () => {
  await shop.stop()
  await database.drop()
  await wechat.stop()
})

const account = () => wechat.merchants[0].accounts
const rows = (statement: string) => query(database.config, statement)
const get = (url: string, headers: Record<string, string> = {}) => fetch(url, { headers: { ...agent, ...headers }, redirect: 'manual' })

/** What a browser keeps of an answer. */
function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0] ?? '')
    .join('; ')
}

/** From our page to WeChat's, and back to our callback. @param wish - of the tester, to WeChat's page */
async function authorise(wish = '') {
  const start = await get(`${shop.url}/wechat/oauth/start?return=/`)
  const page = new URL(start.headers.get('location') ?? '')
  const sentBack = await get(`${page.origin}${page.pathname}${page.search}${wish}`)
  const back = new URL(sentBack.headers.get('location') ?? '')
  expect(back.origin + back.pathname).toBe('http://127.0.0.1:3000/wechat/oauth/callback')
  return { callback: `${shop.url}${back.pathname}${back.search}`, cookie: cookiesOf(start) }
}

describe('web authorisation at WeChat', () => {
  it('makes the browser a payer, by the openid of this official account', async () => {
    const { callback, cookie } = await authorise()
    const response = await get(callback, { cookie })
    expect({ status: response.status, location: response.headers.get('location') }).toEqual({ status: 302, location: '/' })
    expect(cookiesOf(response)).toMatch(/^wxpay_payer=[\w-]{43}; /)
    expect(
      await rows(`SELECT DISTINCT app_id, source, length(open_id) AS length FROM payer_sessions WHERE source = 'official-account'`),
    ).toEqual([{ app_id: account()[0].appid, source: 'official-account', length: 28 }])
  })

  it('answers a callback that comes twice at once the same, though WeChat takes a code once', async () => {
    const { callback, cookie } = await authorise()
    const both = await Promise.all([get(callback, { cookie }), get(callback, { cookie })])
    expect(both.map(({ status }) => status)).toEqual([302, 302])
  })

  it('refuses another browser, a forged state, and the visitor of a snapshot page', async () => {
    const before = await rows('SELECT count(*) FROM payer_sessions')
    const { callback, cookie } = await authorise()
    expect((await get(callback)).status).toBe(400)
    expect((await get(callback.replace(/state=\w{4}/, 'state=AAAA'), { cookie })).status).toBe(400)
    expect((await get(callback.replace(/code=\w+/, 'code=forged'), { cookie })).status).toBe(400)
    const snapshot = await authorise('&mock_snapshot=1')
    expect((await get(snapshot.callback, { cookie: snapshot.cookie })).status).toBe(403)
    expect(await rows('SELECT count(*) FROM payer_sessions')).toEqual(before)
  })
})

describe('the login of the mini program at WeChat', () => {
  const login = async (code: string) =>
    fetch(`${shop.url}/v1/miniprogram/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    })

  it('takes a code once', async () => {
    const { code, openid } = z
      .object({ code: z.string(), openid: z.string() })
      .parse(await wechat.ask('miniprogram/code', { appid: account()[1].appid }))
    const first = await login(code)
    expect(first.status).toBe(201)
    expect(await first.text()).not.toMatch(new RegExp(`session_key|${openid}`))
    expect((await login(code)).status).toBe(401)
    expect(await rows(`SELECT app_id, open_id FROM payer_sessions WHERE source = 'mini-program'`)).toEqual([
      { app_id: account()[1].appid, open_id: openid },
    ])
  })

  it('refuses a code that nobody was given', async () => {
    expect((await login('forged')).status).toBe(401)
  })
})

describe('messages from WeChat', () => {
  const Pushed = z.looseObject({
    state: z.string(),
    chat: z.string().nullable(),
    attempts: z.array(z.looseObject({ status: z.number().nullable() })),
  })
  const push = async (body: object) => Pushed.parse(await wechat.ask('push', { appid: account()[0].appid, ...body }))
  const stored = async () => (await rows('SELECT count(*) FROM account_messages'))[0]?.['count']

  beforeAll(async () => {
    // WeChat asks our address first, and saves it only when the echostr comes back.
    await wechat.ask('accounts', { appid: account()[0].appid, messagesUrl: `${shop.url}/wechat/messages`, mode: 'safe' })
  })

  it.each([
    { text: '你好' },
    { event: 'subscribe' },
    { event: 'unsubscribe' },
    { event: 'CLICK', key: 'menu' },
    { event: 'VIEW', key: 'https://shop.example/' },
  ])('are taken and recorded: %o', async (body) => {
    const before = Number(await stored())
    expect(await push(body)).toMatchObject({ state: 'taken', chat: null })
    expect(Number(await stored())).toBe(before + 1)
  })

  it('that scan the code of an order are answered with a link, encrypted', async () => {
    const opened = await fetch(`${shop.url}/v1/checkouts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'scan-1' },
      body: JSON.stringify({ amountFen: 1250 }),
    })
    const { token } = z.looseObject({ token: z.string() }).parse(await opened.json())
    const { state, chat } = await push({ event: 'SCAN', key: token })
    expect(state).toBe('taken')
    expect(chat).toContain(`http://127.0.0.1:3000/pay/${token}`)
  })

  it.each([
    ['wrong-msg-signature', 403],
    ['signature-as-msg-signature', 403],
    ['changed-encrypt', 403],
    ['foreign-appid', 403],
    ['bad-padding', 403],
    ['old-timestamp', 403],
    ['doctype', 400],
    ['doctype-inside', 400],
  ])('that are forged (%s) are refused, and nothing of them is stored', async (fault, status) => {
    const before = await stored()
    expect((await push({ text: 'x', faults: [fault] })).attempts.map((attempt) => attempt.status)).toEqual([status])
    expect(await stored()).toBe(before)
  })

  it('that come in the clear are refused, because they have to come encrypted', async () => {
    expect((await push({ text: 'x', mode: 'plain' })).attempts.map(({ status }) => status)).toEqual([403, 403, 403])
    await wechat.order('POST', 'reset') // WeChat would pause after so many failures
  })

  it('that come twice are recorded once; the very same bytes again are refused', async () => {
    const before = Number(await stored())
    const { id, attempts } = z
      .looseObject({ id: z.string(), attempts: z.array(z.unknown()) })
      .parse(await push({ text: 'x', faults: ['duplicate'] }))
    expect(attempts).toHaveLength(2)
    const replayed = Pushed.parse(await wechat.ask(`pushes/${id}/replay`, {}))
    expect(replayed.attempts.map(({ status }) => status)).toEqual([200, 200, 403])
    expect(Number(await stored())).toBe(before + 1)
  })
})

describe('the JS-SDK', () => {
  it('has its ticket fetched once, and its pages signed', async () => {
    const ask = () => get(`${shop.url}/v1/wechat/jssdk?url=${encodeURIComponent('http://127.0.0.1:3000/pay/x')}`)
    const both = await Promise.all([ask(), ask()])
    for (const response of both)
      expect(await response.json()).toMatchObject({ appId: account()[0].appid, signature: expect.stringMatching(/^[0-9a-f]{40}$/) })
    expect(await rows(`SELECT kind, failure FROM account_credentials ORDER BY kind`)).toEqual([
      { kind: 'access-token', failure: null },
      { kind: 'jsapi-ticket', failure: null },
    ])
  })
})

it('the domain is the merchant’s', async () => {
  expect(await (await get(`${shop.url}/MP_verify_${proof}.txt`)).text()).toBe(proof)
})
