import { describe, expect, it } from 'vitest'
import { openidOf } from '../people.ts'
import { openAccountBench, type AccountBench } from '../../testing/accountBench.ts'

const login = async ({ control, mini: { appid } }: AccountBench, more: object = {}) =>
  String((await control('miniprogram/code', { appid, ...more })).json['code'])
const exchange = ({ api, mini: { appid, secret } }: AccountBench, code: string, change: Record<string, string> = {}) =>
  api('/sns/jscode2session', { appid, secret, js_code: code, grant_type: 'authorization_code', ...change })

describe('GET /sns/jscode2session', () => {
  it('gives openid, unionid and a session_key of 16 bytes that changes with every login, without errcode', async () => {
    const bench = await openAccountBench()
    const first = await exchange(bench, await login(bench))
    const second = await exchange(bench, await login(bench))
    expect(Object.keys(first).toSorted()).toEqual(['openid', 'session_key', 'unionid'])
    expect(first['openid']).toBe(openidOf('payer', bench.mini.appid))
    expect(Buffer.from(String(first['session_key']), 'base64')).toHaveLength(16)
    expect(second['session_key']).not.toBe(first['session_key'])
    expect(openidOf('payer', bench.mini.appid)).not.toBe(openidOf('payer', bench.official.appid))
  })

  it('takes a code once, for five minutes, of this mini program, from wx.login', async () => {
    const bench = await openAccountBench()
    const code = await login(bench)
    await exchange(bench, code)
    expect(await exchange(bench, code)).toMatchObject({ errcode: 40163 })
    const late = await login(bench)
    bench.advance(300_000)
    expect(await exchange(bench, late)).toMatchObject({ errcode: 40029 })
    expect(await exchange(bench, 'unknown')).toMatchObject({ errcode: 40029 })
    expect(await exchange(bench, '')).toMatchObject({ errcode: 41008 })
    expect(await exchange(bench, await login(bench), { secret: 'x' })).toMatchObject({ errcode: 40125 })
    expect(await exchange(bench, await login(bench, { blocked: true }))).toMatchObject({ errcode: 40226 })
    const [, other] = bench.side.accounts.all()
    const foreign = String((await bench.control('miniprogram/code', { appid: other?.accounts[1]?.appid })).json['code'])
    expect(await exchange(bench, foreign)).toMatchObject({ errcode: 40029 })
  })

  it('lets a user log in a hundred times a minute', async () => {
    const bench = await openAccountBench()
    const codes = await Promise.all(Array.from({ length: 101 }, () => login(bench, { openid: 'friend' })))
    const answers = await Promise.all(codes.map((code) => exchange(bench, code)))
    expect(answers.filter(({ errcode }) => errcode === 45011)).toHaveLength(1)
    bench.advance(60_000)
    expect(await exchange(bench, await login(bench, { openid: 'friend' }))).not.toHaveProperty('errcode')
  })

  it('has codes for mini programs and known users only', async () => {
    const { control, mini, official } = await openAccountBench()
    expect(await control('miniprogram/code', { appid: official.appid })).toMatchObject({
      status: 409,
      json: { code: 'not_a_mini_program' },
    })
    expect(await control('miniprogram/code', { appid: mini.appid, openid: 'oX' })).toMatchObject({ json: { code: 'unknown_user' } })
    const openid = openidOf('stranger', mini.appid)
    expect(await control('miniprogram/code', { appid: mini.appid, openid })).toMatchObject({ status: 201, json: { openid } })
  })
})
