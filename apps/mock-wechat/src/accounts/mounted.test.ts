import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openBench } from '../testing/bench.ts'
import { newNumber } from '../testing/shop.ts'

const Token = z.object({ access_token: z.string() })

describe('the accounts of a running mock', () => {
  it('are told with the merchants: the official account first', async () => {
    const { merchant } = await openBench()
    expect(merchant.accounts.map(({ kind, appid }) => [kind, appid])).toEqual([
      ['official-account', merchant.appids[0]],
      ['mini-program', merchant.appids[1]],
    ])
  })

  it('give tokens whose time runs on the virtual clock, and which a reset ends', async () => {
    const { url, control, merchant } = await openBench()
    const { appid, secret } = merchant.accounts[0] ?? {}
    const body = JSON.stringify({ grant_type: 'client_credential', appid, secret })
    const take = async () => Token.parse(await (await fetch(`${url}/cgi-bin/stable_token`, { method: 'POST', body })).json()).access_token
    const use = async (token: string): Promise<unknown> =>
      (await fetch(`${url}/cgi-bin/ticket/getticket?type=jsapi&access_token=${token}`)).json()
    const first = await take()
    expect(await take()).toBe(first)
    await control.advance(7_000_000)
    const second = await take()
    expect(second).not.toBe(first)
    await control.advance(200_000)
    expect(await use(first)).toMatchObject({ errcode: 42001 })
    expect(await use(second)).toMatchObject({ errcode: 0 })
    await control.reset()
    expect(await use(second)).toMatchObject({ errcode: 40001 })
  })

  it('know the owner of the phone, who pays by default', async () => {
    const { control, shop, merchant } = await openBench()
    const outTradeNo = newNumber()
    await shop.create({ out_trade_no: outTradeNo })
    await control.pay({ outTradeNo })
    const [payer] = merchant.accounts[0]?.users ?? []
    expect((await control.trades())[0]?.['openid']).toBe(payer?.openid)
  })

  it('answer control calls of this machine’s pages only where a bridge needs it', async () => {
    const { url } = await openBench()
    const headers = { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:3000', 'content-type': 'application/json' }
    const ask = async (path: string) => (await fetch(`${url}/_control/${path}`, { method: 'POST', headers, body: '{}' })).status
    expect([await ask('push'), await ask('accounts'), await ask('miniprogram/code'), await ask('bridge/config')]).toEqual([
      403, 403, 403, 400,
    ])
  })
})
