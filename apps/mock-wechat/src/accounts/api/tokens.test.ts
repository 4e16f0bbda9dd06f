import { describe, expect, it } from 'vitest'
import { createClock } from '../../clock.ts'
import { openAccountBench, type AccountBench } from '../../testing/accountBench.ts'
import { createCgiTokens } from './cgiTokens.ts'
import { createQuota } from './quota.ts'

const minute = 60_000
const hour = 60 * minute

const credentials = ({ official: { appid, secret } }: AccountBench) => ({ grant_type: 'client_credential', appid, secret })
const plain = (bench: AccountBench) => bench.api('/cgi-bin/token', credentials(bench))
const post = (bench: AccountBench, body: string) => bench.api('/cgi-bin/stable_token', {}, { method: 'POST', body })
const stable = (bench: AccountBench, more: object = {}) => post(bench, JSON.stringify({ ...credentials(bench), ...more }))
const ticket = (bench: AccountBench, token: unknown, type = 'jsapi') =>
  bench.api('/cgi-bin/ticket/getticket', { access_token: String(token), type })

describe('GET /cgi-bin/token', () => {
  it('gives a new token each time; the one before lives five more minutes, then 40001', async () => {
    const bench = await openAccountBench()
    const first = await plain(bench)
    const second = await plain(bench)
    expect(first).toEqual({ access_token: expect.stringMatching(/^\d+_[\w-]{133}$/), expires_in: 7200 })
    expect(second['access_token']).not.toBe(first['access_token'])
    bench.advance(5 * minute - 1)
    expect(await ticket(bench, first['access_token'])).toMatchObject({ errcode: 0 })
    bench.advance(1)
    expect(await ticket(bench, first['access_token'])).toMatchObject({ errcode: 40001 })
    expect(await ticket(bench, second['access_token'])).toMatchObject({ errcode: 0 })
  })

  it('gives a token for two hours, then 42001', async () => {
    const bench = await openAccountBench()
    const { access_token: token } = await plain(bench)
    bench.advance(2 * hour)
    expect(await ticket(bench, token)).toMatchObject({ errcode: 42001 })
  })

  it('says what is wrong, in WeChat’s order, with a rid that tells the time', async () => {
    const bench = await openAccountBench()
    const right = credentials(bench)
    const call = async (query: Record<string, string>, init: RequestInit = {}) =>
      (await bench.api('/cgi-bin/token', query, init))['errcode']
    expect(await call({ ...right, appid: '' }, { method: 'POST' })).toBe(43001)
    expect(await call({ ...right, appid: '' })).toBe(41002)
    expect(await call({ ...right, secret: '' })).toBe(41004)
    expect(await call({ ...right, grant_type: 'authorization_code' })).toBe(40002)
    expect(await call({ ...right, appid: 'wx0' })).toBe(40013)
    expect(await call({ ...right, secret: 'f'.repeat(32) })).toBe(40125)
    const { errmsg } = await bench.api('/cgi-bin/token', { ...right, appid: 'wx0' })
    const seconds = Math.floor(bench.clock.realNow() / 1000).toString(16)
    expect(errmsg).toMatch(new RegExp(`^invalid appid rid: ${seconds}-[0-9a-f]{8}-[0-9a-f]{8}$`))
    expect(bench.refusals.list()).toContainEqual(expect.objectContaining({ endpoint: '/cgi-bin/token', answer: '40125 invalid appsecret' }))
  })

  it('serves listed addresses only, when there is a list; mini programs need none', async () => {
    const bench = await openAccountBench()
    await bench.control('accounts', { appid: bench.official.appid, ipList: ['192.0.2.1'] })
    await bench.control('accounts', { appid: bench.mini.appid, ipList: ['192.0.2.1'] })
    expect(await plain(bench)).toMatchObject({ errcode: 40164, errmsg: expect.stringContaining('invalid ip 127.0.0.1 ') })
    const { appid, secret } = bench.mini
    expect(await bench.api('/cgi-bin/token', { grant_type: 'client_credential', appid, secret })).not.toHaveProperty('errcode')
  })

  it('gives 2,000 a day', () => {
    const clock = createClock(() => Date.now())
    const tokens = createCgiTokens(clock, createQuota(clock))
    for (let count = 0; count < 2_000; count += 1) tokens.plain('wx0')
    expect(() => tokens.plain('wx0')).toThrow('reach max api daily quota limit')
    expect(tokens.plain('wx1')).toHaveProperty('access_token')
    clock.setOffset(24 * hour)
    expect(tokens.plain('wx0')).toHaveProperty('access_token')
  })
})

describe('POST /cgi-bin/stable_token', () => {
  it('gives the same token until its last five minutes, then a new one beside it', async () => {
    const bench = await openAccountBench()
    const first = await stable(bench)
    bench.advance(hour)
    expect(await stable(bench)).toEqual({ access_token: first['access_token'], expires_in: 3600 })
    bench.advance(55 * minute)
    const second = await stable(bench)
    expect(second).toMatchObject({ expires_in: 7200 })
    expect(second['access_token']).not.toBe(first['access_token'])
    expect(await ticket(bench, first['access_token'])).toMatchObject({ errcode: 0 })
    expect(await ticket(bench, second['access_token'])).toMatchObject({ errcode: 0 })
  })

  it('kills the old token when forced; 30 s apart, 20 times a day', async () => {
    const bench = await openAccountBench()
    const first = await stable(bench)
    const second = await stable(bench, { force_refresh: true })
    expect(await ticket(bench, first['access_token'])).toMatchObject({ errcode: 40001 })
    expect(await stable(bench)).toMatchObject({ access_token: second['access_token'] })
    bench.advance(29_999)
    expect(await stable(bench, { force_refresh: true })).toMatchObject({ errcode: 45011 })
    for (let count = 1; count < 20; count += 1) {
      bench.advance(30_000)
      expect(await stable(bench, { force_refresh: true })).toHaveProperty('access_token')
    }
    bench.advance(30_000)
    expect(await stable(bench, { force_refresh: true })).toMatchObject({ errcode: 45009 })
  })

  it('leaves the tokens of the other family alone, and they leave its own alone', async () => {
    const bench = await openAccountBench()
    const [one, other] = [await plain(bench), await stable(bench)]
    await plain(bench)
    await stable(bench, { force_refresh: true })
    bench.advance(minute)
    expect(await ticket(bench, one['access_token'])).toMatchObject({ errcode: 0 })
    expect(await ticket(bench, other['access_token'])).toMatchObject({ errcode: 40001 })
  })

  it('wants POST with JSON', async () => {
    const bench = await openAccountBench()
    expect(await bench.api('/cgi-bin/stable_token', credentials(bench))).toMatchObject({ errcode: 43002 })
    expect(await post(bench, '')).toMatchObject({ errcode: 44002 })
    expect(await post(bench, 'grant_type=client_credential')).toMatchObject({ errcode: 47001 })
    expect(await stable(bench, { force_refresh: 'true' })).toMatchObject({ errcode: 47001 })
    expect(await stable(bench, { appid: undefined })).toMatchObject({ errcode: 41002 })
    expect(await stable(bench, { secret: 'x' })).toMatchObject({ errcode: 40125 })
  })
})

describe('GET /cgi-bin/ticket/getticket', () => {
  it('gives one ticket per type, the same until it is nearly over', async () => {
    const bench = await openAccountBench()
    const { access_token: token } = await plain(bench)
    const first = await ticket(bench, token)
    expect(first).toEqual({ errcode: 0, errmsg: 'ok', ticket: expect.stringMatching(/^[\w-]{86}$/), expires_in: 7200 })
    expect((await ticket(bench, token, 'wx_card'))['ticket']).not.toBe(first['ticket'])
    bench.advance(hour)
    expect(await ticket(bench, token)).toMatchObject({ ticket: first['ticket'], expires_in: 3600 })
    bench.advance(55 * minute)
    expect((await ticket(bench, token))['ticket']).not.toBe(first['ticket'])
  })

  it('wants a live token of an official account, and a type that exists', async () => {
    const bench = await openAccountBench()
    const { appid, secret } = bench.mini
    const { access_token: mini } = await bench.api('/cgi-bin/token', { grant_type: 'client_credential', appid, secret })
    expect(await ticket(bench, '')).toMatchObject({ errcode: 41001 })
    expect(await ticket(bench, 'not-a-token')).toMatchObject({ errcode: 40014 })
    expect(await ticket(bench, `90_${'x'.repeat(133)}`)).toMatchObject({ errcode: 40001 })
    expect(await ticket(bench, mini)).toMatchObject({ errcode: 48001 })
    expect(await ticket(bench, (await plain(bench))['access_token'], 'js')).toMatchObject({ errcode: 40097 })
  })
})

describe('an address that does not exist', () => {
  it.each(['/cgi-bin/menu/create', '/sns/unknown'])('is 40066: %s', async (path) => {
    const bench = await openAccountBench()
    expect(await bench.api(path)).toMatchObject({ errcode: 40066 })
  })
})
