import Koa from 'koa'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { createFindPayer } from './payer.ts'

const token = 'T'.repeat(43)

/** Which token was looked for, and as whose. */
async function lookedFor(headers: Record<string, string>): Promise<unknown> {
  const findPayer = createFindPayer({ findPayer: async (given, source) => ({ appId: given, openId: 'oA', source }) })
  const app = new Koa().use(async (ctx) => {
    ctx.body = { payer: await findPayer(ctx) }
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/?openid=oB`, { headers })
  const body: unknown = await response.json()
  return body
}

it.each([
  ['the cookie is web authorisation’s', { cookie: `wxpay_payer=${token}` }, 'official-account'],
  ['the bearer token is the mini program’s', { authorization: `Bearer ${token}` }, 'mini-program'],
  ['of both the bearer token counts', { authorization: `bearer ${token}`, cookie: 'wxpay_payer=x' }, 'mini-program'],
])('%s', async (_what, headers, source) => {
  expect(await lookedFor(headers)).toEqual({ payer: { appId: token, openId: 'oA', source } })
})

it.each([{}, { cookie: 'other=1' }, { authorization: `Basic ${token}` }, { authorization: 'Bearer' }, { 'x-openid': 'oB' }])(
  'nobody is known by %o',
  async (headers) => {
    expect(await lookedFor(headers as Record<string, string>)).toEqual({ payer: null })
  },
)
