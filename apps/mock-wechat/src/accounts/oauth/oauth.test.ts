import { describe, expect, it } from 'vitest'
import { openidOf } from '../people.ts'
import { openAccountBench, type AccountBench } from '../../testing/accountBench.ts'

const minute = 60_000
const back = 'http://127.0.0.1:3000/wechat/oauth/callback'

function question({ official }: AccountBench, change: Record<string, string> = {}): string {
  const parameters = { appid: official.appid, redirect_uri: back, response_type: 'code', scope: 'snsapi_base', state: 'a1B2', ...change }
  const given = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return given.join('&')
}

const location = (response: Response) => new URL(response.headers.get('location') ?? 'about:blank')
const codeOf = (response: Response) => location(response).searchParams.get('code') ?? ''
const newCode = async (bench: AccountBench, change: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  codeOf(await bench.authorize(question(bench, change), headers))

const redeem = ({ api, official: { appid, secret } }: AccountBench, code: string, change: Record<string, string> = {}) =>
  api('/sns/oauth2/access_token', { appid, secret, code, grant_type: 'authorization_code', ...change })

/** A code with consent. */
async function consent(bench: AccountBench, headers: Record<string, string> = {}) {
  const body = new URLSearchParams({ decision: 'allow' })
  return codeOf(await bench.authorize(question(bench, { scope: 'snsapi_userinfo' }), headers, { method: 'POST', body }))
}

describe('the authorisation page', () => {
  it('sends the user straight back with code and state for snsapi_base', async () => {
    const bench = await openAccountBench()
    const response = await bench.authorize(question(bench))
    expect(response.status).toBe(302)
    expect(response.headers.get('location')).toMatch(
      /^http:\/\/127\.0\.0\.1:3000\/wechat\/oauth\/callback\?code=0[0-9A-Za-z]{31}&state=a1B2$/,
    )
  })

  it.each([
    ['behind a query', `${back}?return=%2Fpay`, `${back}?return=%2Fpay&code=CODE&state=a1B2`],
    ['before a fragment', `${back}#/here`, `${back}?code=CODE&state=a1B2#/here`],
  ])('puts the code %s', async (_, redirect, expected) => {
    const bench = await openAccountBench()
    const response = await bench.authorize(question(bench, { redirect_uri: redirect }))
    expect(response.headers.get('location')?.replace(codeOf(response), 'CODE')).toBe(expected)
  })

  it('outside WeChat only asks to open it there', async () => {
    const bench = await openAccountBench()
    const response = await bench.authorize(question(bench), { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0)' })
    expect([response.status, response.headers.get('location')]).toEqual([200, null])
    expect(await response.text()).toContain('请在微信客户端打开链接')
  })

  it.each([
    ['10012', { appid: '' }],
    ['10011', { redirect_uri: '' }],
    ['10010', { scope: '' }],
    ['10013', { state: '' }],
    ['10005', { scope: 'snsapi_login' }],
    ['10003', { redirect_uri: 'http://shop.example.com/' }],
    ['10003', { redirect_uri: 'javascript:alert(1)' }],
    ['10003', { redirect_uri: '/relative' }],
    ['response_type', { response_type: 'token' }],
    ['state', { state: 'a-b' }],
    ['appid', { appid: 'wx0' }],
    ['mock_user', { mock_user: 'nobody' }],
  ])('shows an error and sends nobody back: %s', async (sign, change) => {
    const bench = await openAccountBench()
    const response = await bench.authorize(question(bench, change))
    expect([response.status, response.headers.get('location')]).toEqual([200, null])
    const page = await response.text()
    if (/^\d+$/.test(sign)) expect(page).toContain(`错误码: ${sign}`)
    else expect(bench.refusals.list().at(-1)?.reason).toContain(sign)
  })

  it('says that a mini program has no such page', async () => {
    const bench = await openAccountBench()
    const response = await bench.authorize(question(bench, { appid: bench.mini.appid }))
    expect(await response.text()).toContain('错误码: 10016')
  })

  it('wants the parameters in WeChat’s order, and no others', async () => {
    const bench = await openAccountBench()
    const right = question(bench)
    const swapped = right.split('&').toReversed().join('&')
    for (const query of [swapped, `${right}&x=1`, `${right}&state=again`])
      expect((await bench.authorize(query)).headers.get('location'), query).toBeNull()
    expect((await bench.authorize(`${right}&forcePopup=true`)).status).toBe(302)
  })

  it('is strict about the host once a domain is registered', async () => {
    const bench = await openAccountBench()
    await bench.control('accounts', { mchid: bench.owner.mchid, oauthDomain: 'shop.example.com' })
    const ask = async (redirect: string) => (await bench.authorize(question(bench, { redirect_uri: redirect }))).status
    expect(await ask('https://shop.example.com/a')).toBe(302)
    expect(await ask('https://pay.shop.example.com/a')).toBe(200)
    expect(await ask('https://shop.example.com.evil.example/a')).toBe(200)
    expect(await ask(back)).toBe(200)
  })

  it('asks for consent with snsapi_userinfo; who declines stays', async () => {
    const bench = await openAccountBench()
    const query = question(bench, { scope: 'snsapi_userinfo' })
    const page = await (await bench.authorize(query)).text()
    expect(page).toContain('青禾书店')
    expect(page).toContain('允许')
    const decide = (decision: string) => bench.authorize(query, {}, { method: 'POST', body: new URLSearchParams({ decision }) })
    expect((await decide('decline')).headers.get('location')).toBeNull()
    expect(codeOf(await decide('allow'))).not.toBe('')
  })

  it.each(['1', 'at-once'])('hits the callback twice on command: %s', async (twice) => {
    const bench = await openAccountBench()
    const page = await (await bench.authorize(question(bench), { cookie: `mock_twice=${twice}` })).text()
    expect(page).toContain(`const target="${back}?code=`)
    expect(page).toContain('location.replace(target)')
  })
})

describe('GET /sns/oauth2/access_token', () => {
  it('gives the openid under this appid, without errcode', async () => {
    const bench = await openAccountBench()
    const { appid } = bench.official
    expect(await redeem(bench, await newCode(bench))).toEqual({
      access_token: expect.any(String),
      expires_in: 7200,
      refresh_token: expect.any(String),
      openid: openidOf('payer', appid),
      scope: 'snsapi_base',
    })
    expect(openidOf('payer', appid)).toMatch(/^o[\w-]{27}$/)
  })

  it.each([
    ['query', { mock_user: 'friend' }, {}],
    ['cookie', {}, { cookie: 'mock_user=friend' }],
  ])('is about the test user chosen by %s', async (_, change, headers) => {
    const bench = await openAccountBench()
    const { openid } = await redeem(bench, await newCode(bench, change, headers))
    expect(openid).toBe(openidOf('friend', bench.official.appid))
  })

  it('takes a code once, for five minutes, of this account', async () => {
    const bench = await openAccountBench()
    const code = await newCode(bench)
    expect(await redeem(bench, code, { secret: 'wrong' })).toMatchObject({ errcode: 40125 })
    expect(await redeem(bench, code)).not.toHaveProperty('errcode')
    expect(await redeem(bench, code)).toMatchObject({ errcode: 40163, errmsg: expect.stringMatching(/^code been used, rid: /) })
    const late = await newCode(bench)
    bench.advance(5 * minute)
    expect(await redeem(bench, late)).toMatchObject({ errcode: 42003 })
    expect(await redeem(bench, '0'.repeat(32))).toMatchObject({ errcode: 40029 })
    expect(await redeem(bench, '')).toMatchObject({ errcode: 41008 })
    expect(await redeem(bench, await newCode(bench), { grant_type: 'client_credential' })).toMatchObject({ errcode: 40002 })
    const [, other] = bench.side.accounts.all()
    const foreign = other?.accounts[0]
    const change = { appid: foreign?.appid ?? '', secret: foreign?.secret ?? '' }
    expect(await redeem(bench, await newCode(bench), change)).toMatchObject({ errcode: 40029 })
  })

  it('marks the visitor of a snapshot page, who is somebody else every time', async () => {
    const bench = await openAccountBench()
    const visit = async () => redeem(bench, await newCode(bench, {}, { cookie: 'mock_snapshot=1' }))
    const [first, second] = [await visit(), await visit()]
    expect(first).toMatchObject({ is_snapshotuser: 1, openid: expect.stringMatching(/^o\w{27}$/) })
    expect(second['openid']).not.toBe(first['openid'])
  })
})

describe('with consent', () => {
  it('the user’s name is told, and the unionid', async () => {
    const bench = await openAccountBench()
    const { access_token: token, openid, unionid, scope } = await redeem(bench, await consent(bench, { cookie: 'mock_user=friend' }))
    expect([scope, unionid]).toEqual(['snsapi_userinfo', expect.stringMatching(/^o[\w-]{27}$/)])
    const query = { access_token: String(token), openid: String(openid), lang: 'zh_CN' }
    expect(await bench.api('/sns/userinfo', query)).toMatchObject({
      openid,
      unionid,
      nickname: '周晚',
      sex: 0,
      province: '',
      privilege: [],
    })
    expect(await bench.api('/sns/auth', query)).toEqual({ errcode: 0, errmsg: 'ok' })
    expect(await bench.api('/sns/auth', { ...query, openid: 'oSomebody' })).toMatchObject({ errcode: 40003 })
    bench.advance(120 * minute)
    expect(await bench.api('/sns/userinfo', query)).toMatchObject({ errcode: 42001 })
  })

  it('only: 48001 for a base token, 40001 for a token of the server API', async () => {
    const bench = await openAccountBench()
    const { appid, secret } = bench.official
    const { access_token: base, openid } = await redeem(bench, await newCode(bench))
    const { access_token: cgi } = await bench.api('/cgi-bin/token', { grant_type: 'client_credential', appid, secret })
    const ask = (token: unknown) => bench.api('/sns/userinfo', { access_token: String(token), openid: String(openid) })
    expect(await ask(base)).toMatchObject({ errcode: 48001 })
    expect(await ask(cgi)).toMatchObject({ errcode: 40001 })
    expect(await ask('rubbish')).toMatchObject({ errcode: 40014 })
    expect(await bench.api('/cgi-bin/ticket/getticket', { access_token: String(base), type: 'jsapi' })).toMatchObject({ errcode: 40014 })
  })

  it('tokens are renewed for 30 days', async () => {
    const bench = await openAccountBench()
    const { appid } = bench.official
    const first = await redeem(bench, await consent(bench))
    const renew = (refresh: unknown) =>
      bench.api('/sns/oauth2/refresh_token', { appid, grant_type: 'refresh_token', refresh_token: String(refresh) })
    bench.advance(121 * minute)
    const second = await renew(first['refresh_token'])
    expect(second).toMatchObject({ openid: first['openid'], scope: 'snsapi_userinfo', expires_in: 7200 })
    const query = { access_token: String(second['access_token']), openid: String(second['openid']) }
    expect(await bench.api('/sns/auth', query)).toMatchObject({ errcode: 0 })
    expect(await renew('x')).toMatchObject({ errcode: 40030 })
    expect(await renew('')).toMatchObject({ errcode: 41003 })
    bench.advance(30 * 24 * 60 * minute)
    expect(await renew(first['refresh_token'])).toMatchObject({ errcode: 42002 })
  })
})
