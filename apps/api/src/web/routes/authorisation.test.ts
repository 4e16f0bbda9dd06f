import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { AccountCommands } from '../../commands/accountCommands.ts'
import type { AuthorisationProblem, FinishedAuthorisation } from '../../commands/finishAuthorisation.ts'
import { startTestApp } from '../../testing/testApp.ts'

const browser = 'B'.repeat(43)
const token = 'T'.repeat(43)
const wechat =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.50(0x1800322f) NetType/WIFI Language/zh_CN'
const order = '/pay/AAAAAAAAAAAAAAAAAAAAAA'

/** A merchant with an official account; the payer with this token is known. */
async function start(options: { finished?: FinishedAuthorisation; publicUrl?: string; begun?: null } = {}) {
  const asked: unknown[] = []
  const accounts: Partial<AccountCommands> = {
    authorisation: {
      begin: async (input) => {
        asked.push(input)
        return options.begun === null ? null : { url: 'https://open.weixin.qq.com/x#wechat_redirect', browser }
      },
      finish: async (callback) => {
        asked.push(callback)
        return options.finished ?? { known: true, token, returnPath: order }
      },
    },
    findPayer: async (given, source) => (given === token ? { appId: 'wx', openId: 'oA', source } : null),
  }
  const app = await startTestApp({ accounts, publicUrl: options.publicUrl ?? 'https://shop.example' })
  const get = (path: string, headers: Record<string, string> = {}) => app.get(path, { headers, redirect: 'manual' })
  return {
    app,
    asked,
    get,
    refused: (reason: string) => `wechat_account_requests_total{kind="authorisation",result="refused",reason="${reason}"} 1`,
  }
}

describe('GET /wechat/oauth/start', () => {
  it('sends the browser to WeChat, with a cookie that only our callback sees', async () => {
    const { get, asked } = await start()
    const response = await get(`/wechat/oauth/start?return=${order}`)
    expect({ status: response.status, location: response.headers.get('location') }).toEqual({
      status: 302,
      location: 'https://open.weixin.qq.com/x#wechat_redirect',
    })
    expect(response.headers.getSetCookie()).toEqual([
      `wxpay_browser=${browser}; Path=/wechat/oauth; Max-Age=600; HttpOnly; SameSite=Lax; Secure`,
      'wxpay_asked=1; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure',
    ])
    expect(asked).toEqual([{ returnPath: order, browser: null, clientAddress: '127.0.0.1' }])
  })

  it('keeps the cookie that the browser has: two tabs at once', async () => {
    const { get, asked } = await start()
    await get('/wechat/oauth/start', { cookie: `wxpay_browser=${browser}` })
    expect(asked).toEqual([{ returnPath: '/', browser, clientAddress: '127.0.0.1' }])
  })

  it.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    '\\\\evil.example/',
    '/\t/evil.example/',
    '/%09/evil.example',
    'javascript:alert(1)',
    'pay/AAAAAAAAAAAAAAAAAAAAAA',
    '/..//evil.example/',
    '/pay/../../evil',
    '/v1/checkouts',
    '/wechat/oauth/start',
    '/pay/a\r\nSet-Cookie: x=1',
    '/pay/a#x',
    '/pay/../',
    '/pay/a?x=\r\nSet-Cookie: y=1',
    '/pay/a?x=\\',
    `/pay/a?${'x'.repeat(1024)}`,
    '',
  ])('refuses to come back to %j', async (path) => {
    const { get, asked } = await start()
    const response = await get(`/wechat/oauth/start?return=${encodeURIComponent(path)}`)
    expect(response.status).toBe(400)
    expect(asked).toEqual([])
  })

  it('says so when too many come from one address', async () => {
    const { app, get, refused } = await start({ begun: null })
    const response = await get('/wechat/oauth/start')
    expect(response.status).toBe(429)
    expect(await app.metrics.render()).toContain(refused('too-many'))
  })

  it('does not exist without an official account, nor does the callback', async () => {
    const app = await startTestApp()
    expect((await app.get('/wechat/oauth/start')).status).toBe(404)
    expect((await app.get('/wechat/oauth/callback?state=a&code=b')).status).toBe(404)
  })
})

describe('GET /wechat/oauth/callback', () => {
  const callback = '/wechat/oauth/callback?code=0a1b&state=abc'

  it('makes the browser a payer and goes on to the clean address', async () => {
    const { get, asked } = await start()
    const response = await get(callback, { cookie: `wxpay_browser=${browser}` })
    expect({ status: response.status, location: response.headers.get('location') }).toEqual({ status: 302, location: order })
    expect(response.headers.getSetCookie()).toEqual([
      `wxpay_payer=${token}; Path=/; Max-Age=14400; HttpOnly; SameSite=Lax; Secure`,
      'wxpay_asked=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
    ])
    expect(asked).toEqual([{ state: 'abc', code: '0a1b', browser }])
  })

  it('does not ask for https where the shop is not on https', async () => {
    const { get } = await start({ publicUrl: 'http://127.0.0.1:3000' })
    for (const cookie of (await get(callback)).headers.getSetCookie()) expect(cookie).not.toContain('Secure')
  })

  it.each(['/wechat/oauth/callback', '?code=a', '?state=abc', '?code=a&code=b&state=abc', '?code=a&state=a/b', '?code=a%20b&state=abc'])(
    'refuses what WeChat does not send (%s), without asking anybody, and counts it',
    async (query) => {
      const { app, get, asked, refused } = await start()
      const response = await get(query.startsWith('/') ? query : `/wechat/oauth/callback${query}`)
      expect(response.status).toBe(400)
      expect(asked).toEqual([])
      expect(await app.metrics.render()).toContain(refused('unknown'))
    },
  )

  it.each<[AuthorisationProblem, number]>([
    ['unknown', 400],
    ['other-browser', 400],
    ['used', 400],
    ['expired', 400],
    ['refused', 400],
    ['snapshot', 403],
    ['unreachable', 503],
    ['settings', 503],
    ['busy', 503],
  ])('%s is an honest page in both languages with one button, is counted, and makes nobody a payer', async (problem, status) => {
    const { app, get, refused } = await start({ finished: { known: false, problem, returnPath: `${order}?a='"<b>` } })
    const response = await get(callback)
    const page = await response.text()
    expect(response.status).toBe(status)
    expect(response.headers.getSetCookie()).toEqual([])
    expect(page).toContain('未产生扣款')
    expect(page).toContain('You have not been charged')
    expect(page.match(/<a /g)).toHaveLength(1)
    expect(page).toContain(`href="/wechat/oauth/start?return=${encodeURIComponent(`${order}?a=`)}`)
    expect(page).not.toContain('<b>')
    expect(page).not.toContain('<script')
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'nonce-[^']+'; /)
    expect(await app.metrics.render()).toContain(refused(problem))
  })

  it('writes neither code nor state into the log', async () => {
    const { app, get } = await start({ finished: { known: false, problem: 'refused', returnPath: null } })
    await get('/wechat/oauth/callback?code=c0de0fWeChat&state=state0fOurs')
    for (const line of app.lines) expect(line).not.toMatch(/c0de0fWeChat|state0fOurs/)
  })
})

describe('a page opened inside WeChat', () => {
  const headers = { 'user-agent': wechat, accept: 'text/html,application/xhtml+xml' }

  /** Goes to an address as a browser does: fetch would say that it is a script. @returns where it is sent, or null when it stays */
  async function navigate(url: string, more: Record<string, string> = {}): Promise<string | null> {
    const asking = request(url, { headers: { ...headers, ...more }, agent: false }).end()
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    response.resume()
    return response.statusCode === 302 ? (response.headers.location ?? '') : null
  }

  async function gone(path: string, more: Record<string, string> = {}): Promise<string | null> {
    const { app } = await start()
    return navigate(app.url + path, more)
  }

  it.each(['/', order, `${order}?from=singlemessage`])('%s is sent to say who the payer is', async (path) => {
    expect(await gone(path)).toBe(`/wechat/oauth/start?return=${encodeURIComponent(path)}`)
  })

  it.each<[string, string, Record<string, string>]>([
    ['by a payer who is known', order, { cookie: `wxpay_payer=${token}` }],
    ['by a browser that was sent just now: it never goes round in circles', order, { cookie: 'wxpay_asked=1' }],
    ['outside WeChat', order, { 'user-agent': 'Mozilla/5.0 (iPhone) Mobile Safari/604.1' }],
    ['in a mini program’s web-view', order, { 'user-agent': `${wechat} miniProgram/wx0a1b2c3d4e5f6071` }],
    ['in WeCom', order, { 'user-agent': `${wechat} wxwork/4.1` }],
    ['by a robot that makes a preview', order, { 'user-agent': `${wechat} LinkPreviewBot/1.0` }],
    ['by a browser that fetches ahead', order, { 'sec-purpose': 'prefetch' }],
    ['by a script', order, { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
    ['as no page', order, { accept: 'application/json' }],
    ['when it is a receipt', '/receipt/AAAAAAAAAAAAAAAAAAAAAA', {}],
    ['when there is no such page', '/nothing', {}],
  ])('stays where it is %s', async (_what, path, more) => {
    expect(await gone(path, more)).toBeNull()
  })

  it('is sent when the session is over', async () => {
    expect(await gone(order, { cookie: `wxpay_payer=${'X'.repeat(43)}` })).toContain('/wechat/oauth/start')
  })

  it('is shown without an official account, and while the database is away', async () => {
    const without = await startTestApp()
    expect(await navigate(without.url + order)).toBeNull()
    const authorisation = { begin: () => Promise.reject(new Error('x')), finish: () => Promise.reject(new Error('x')) }
    const away = await startTestApp({ accounts: { authorisation, findPayer: () => Promise.reject(new Error('away')) } })
    expect(await navigate(away.url + order, { cookie: `wxpay_payer=${token}` })).toBeNull()
  })
})
