import { describe, expect, it } from 'vitest'
import { jsSdkSignature } from './jsSdk.ts'
import { openAccountBench, type AccountBench } from '../testing/accountBench.ts'

const url = 'http://127.0.0.1:3000/pay/abc?from=menu'
const page = { nonceStr: 'Wm3WZYTPz0wzccnW', timestamp: '1767225600' }

async function takeTicket({ api, official: { appid, secret } }: AccountBench, type = 'jsapi'): Promise<string> {
  const { access_token: token } = await api('/cgi-bin/token', { grant_type: 'client_credential', appid, secret })
  return String((await api('/cgi-bin/ticket/getticket', { access_token: String(token), type }))['ticket'])
}

async function ask(bench: AccountBench, change: object = {}, type = 'jsapi') {
  const signature = jsSdkSignature({ ...page, url, ticket: await takeTicket(bench, type) })
  return bench.control('bridge/config', { appId: bench.official.appid, ...page, signature, url, ...change })
}

describe('wx.config', () => {
  it('is ready when the signature is over the page’s address without its fragment; the time may be a number', async () => {
    const bench = await openAccountBench()
    expect(await ask(bench, { url: `${url}#top`, timestamp: 1767225600 })).toEqual({ status: 200, json: { errMsg: 'config:ok' } })
  })

  it.each([
    ['another address', { url: `${url}&more=1` }, 63002],
    ['another time', { timestamp: '1767225601' }, 63002],
    ['a host that is not registered', { url: 'https://shop.example.com/' }, 40048],
    ['another appId', { appId: 'wx0' }, 40048],
  ])('fails with %s', async (_, change, code) => {
    const bench = await openAccountBench()
    const message = code === 63002 ? 'config:invalid signature' : 'config:invalid url domain'
    expect(await ask(bench, change)).toMatchObject({ status: 409, json: { code, message, realAuthUrl: [expect.any(String)] } })
  })

  it('fails with a ticket for cards, without any ticket, and with one that has ended', async () => {
    const bench = await openAccountBench()
    const signature = jsSdkSignature({ ...page, url, ticket: 'made-up' })
    const refused = { status: 409, json: { code: 63002 } }
    expect(await bench.control('bridge/config', { appId: bench.official.appid, ...page, signature, url })).toMatchObject(refused)
    expect(await ask(bench, {}, 'wx_card')).toMatchObject(refused)
    const right = jsSdkSignature({ ...page, url, ticket: await takeTicket(bench) })
    bench.advance(7_200_000)
    expect(await bench.control('bridge/config', { appId: bench.official.appid, ...page, signature: right, url })).toMatchObject(refused)
    expect(bench.refusals.list().at(-1)?.reason).toContain('has ended')
  })

  it('knows the registered hosts', async () => {
    const bench = await openAccountBench()
    await bench.control('accounts', { appid: bench.official.appid, jsDomains: ['shop.example.com'] })
    const address = 'https://shop.example.com/pay'
    const signature = jsSdkSignature({ ...page, url: address, ticket: await takeTicket(bench) })
    expect(await ask(bench, { url: address, signature })).toMatchObject({ status: 200 })
    expect(await ask(bench)).toMatchObject({ status: 409, json: { code: 40048 } })
  })

  it('answers pages of this machine on any port, and no others', async () => {
    const { url: mock } = await openAccountBench()
    const from = (origin: string, method = 'OPTIONS') => fetch(`${mock}/_control/bridge/config`, { method, headers: { origin } })
    const allowed = await from('http://localhost:3000')
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, 'http://localhost:3000'])
    const refused = await from('https://shop.example.com', 'POST')
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, null])
  })
})
