import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { officialAccount as keys } from '../testing/accountBench.ts'
import { AccountApiError, AccountApiUnreachableError, createAccountApi, type AccountCall } from './accountApi.ts'

type Answer = (response: ServerResponse, request: IncomingMessage, body: string) => void

async function startWechat(answer: Answer, timeoutMs?: number) {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => answer(response, request, body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const calls: AccountCall[] = []
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const api = createAccountApi({ apiUrl, ...(timeoutMs !== undefined && { timeoutMs }), onCall: (made) => calls.push(made) })
  return { api, calls }
}

const says =
  (body: unknown, status = 200): Answer =>
  (response) => {
    response.statusCode = status
    response.setHeader('content-type', 'text/plain')
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }

async function errorOf(work: Promise<unknown>): Promise<Error> {
  const error: unknown = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  if (!(error instanceof Error)) throw new Error('it did not fail')
  return error
}

describe('the API of the accounts', () => {
  it('is asked as WeChat’s pages say, and answers without errcode', async () => {
    const asked: string[] = []
    const { api } = await startWechat((response, request, body) => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''} ${body}`.trim())
      says({ openid: 'oA', session_key: 'c2VjcmV0', access_token: 'T', ticket: 'K', expires_in: 7200, is_snapshotuser: 1 })(
        response,
        request,
        body,
      )
    })
    expect(await api.exchangeCode(keys, 'C&1')).toEqual({ openId: 'oA', isSnapshot: true })
    expect(await api.openLogin(keys, 'C2')).toEqual({ openId: 'oA' })
    expect(await api.stableToken(keys)).toEqual({ value: 'T', expiresInSeconds: 7200 })
    expect(await api.jsapiTicket('T')).toEqual({ value: 'K', expiresInSeconds: 7200 })
    const account = `appid=${keys.appId}&secret=${keys.secret}`
    expect(asked).toEqual([
      `GET /sns/oauth2/access_token?${account}&code=C%261&grant_type=authorization_code`,
      `GET /sns/jscode2session?${account}&js_code=C2&grant_type=authorization_code`,
      `POST /cgi-bin/stable_token {"grant_type":"client_credential","appid":"${keys.appId}","secret":"${keys.secret}","force_refresh":false}`,
      'GET /cgi-bin/ticket/getticket?access_token=T&type=jsapi',
    ])
  })

  it('refuses by errcode, with HTTP 200', async () => {
    const { api, calls } = await startWechat(says({ errcode: 40029, errmsg: 'invalid code, rid: 652d44d0-1d0af18b-5b069232' }))
    const error = await errorOf(api.exchangeCode(keys, 'C'))
    expect(error).toBeInstanceOf(AccountApiError)
    expect(error).toMatchObject({ errcode: 40029, message: expect.stringContaining('rid: 652d44d0-1d0af18b-5b069232') })
    expect(calls).toMatchObject([{ call: '/sns/oauth2/access_token', outcome: 'refused' }])
  })

  it.each<[string, Answer]>([
    ['a page of HTML', says('<html>session_key oops C0DE</html>')],
    ['JSON that is cut off', says('{"openid":"oA","session_key":"c2VjcmV0')],
    ['HTTP status 502', says({ openid: 'oA' }, 502)],
    ['"system error" (-1)', says({ errcode: -1, errmsg: 'system error' })],
    ['no openid', says({ session_key: 'c2VjcmV0', errcode: 0 })],
    ['an openid that is none', says({ openid: 'a b', session_key: 'c2VjcmV0' })],
    ['a redirect', (response) => void response.writeHead(302, { location: '/elsewhere' }).end()],
    ['more than 64 KiB', says('x'.repeat(70_000))],
    ['a connection that is cut', (response) => void response.socket?.destroy()],
  ])('that answers with %s has not answered, and nothing secret is in the error', async (_what, answer) => {
    const { api, calls } = await startWechat(answer)
    const error = await errorOf(api.openLogin(keys, 'C0DE'))
    expect(error).toBeInstanceOf(AccountApiUnreachableError)
    const told = `${error.stack ?? ''} ${String(error.cause)}`
    for (const secret of [keys.secret, 'C0DE', 'c2VjcmV0', 'oA']) expect(told).not.toContain(secret)
    expect(calls).toMatchObject([{ call: '/sns/jscode2session', outcome: 'unknown' }])
  })

  it('that does not answer is not waited for longer than its time', async () => {
    const { api } = await startWechat(() => undefined, 50)
    expect(await errorOf(api.stableToken(keys))).toBeInstanceOf(AccountApiUnreachableError)
  })
})
