import { describe, expect, it, vi } from 'vitest'
import { MessageNotStoredError, type ReceivedMessage } from '../../commands/receiveMessage.ts'
import { PushRefusedError } from '../../officialAccount/push.ts'
import {
  messageXml,
  plainPush,
  plainSettings,
  safePush,
  safeSettings,
  searchOf,
  sealedWithBadPadding,
  type Push,
} from '../../testing/pushes.ts'
import { now } from '../../testing/shopInMemory.ts'
import { startTestApp } from '../../testing/testApp.ts'

const later = (ms: number) => new Date(now.getTime() + ms)

async function start(answer: () => Promise<ReceivedMessage> = async () => ({ reply: null, outcome: 'handled' }), settings = safeSettings) {
  const receive = vi.fn(answer)
  const app = await startTestApp({ accounts: { messages: { settings, receive } } })
  async function push(sent: Push) {
    const response = await app.get(`/wechat/messages?${searchOf(sent)}`, {
      method: 'POST',
      body: sent.raw,
      headers: { 'content-type': 'text/xml' },
    })
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
  }
  return {
    app,
    push,
    receive,
    counted: (result: string, reason: string) => `wechat_account_requests_total{kind="push",result="${result}",reason="${reason}"} 1`,
  }
}

describe('POST /wechat/messages', () => {
  it('answers success, to the byte, when there is nothing to say', async () => {
    const { app, push, counted } = await start()
    expect(await push(safePush(messageXml(), now))).toEqual({ status: 200, type: 'text/plain; charset=utf-8', text: 'success' })
    expect(await app.metrics.render()).toContain(counted('accepted', 'handled'))
  })

  it('answers a reply in the clear where messages come in the clear', async () => {
    const { push } = await start(async () => ({ reply: 'a ]]> b', outcome: 'handled' }), plainSettings)
    const { status, text } = await push(plainPush(messageXml(), now))
    expect(status).toBe(200)
    expect(text).toBe(
      '<xml><ToUserName><![CDATA[oUpF8uMuAJO_M2pxb1Q9zNjWeS6o]]></ToUserName><FromUserName><![CDATA[gh_7f083739789a]]></FromUserName>' +
        `<CreateTime>${now.getTime() / 1000}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[a ]]]]><![CDATA[> b]]></Content></xml>`,
    )
  })

  it('answers a reply encrypted where messages come encrypted', async () => {
    const { push } = await start(async () => ({ reply: 'hello', outcome: 'handled' }))
    const { text } = await push(safePush(messageXml(), now))
    expect(text).toMatch(
      /^<xml><Encrypt><!\[CDATA\[[A-Za-z0-9+/=]+\]\]><\/Encrypt><MsgSignature><!\[CDATA\[[0-9a-f]{40}\]\]><\/MsgSignature><TimeStamp>\d{10}<\/TimeStamp><Nonce><!\[CDATA\[\d{10}\]\]><\/Nonce><\/xml>$/,
    )
    expect(text).not.toContain('hello')
  })

  const changed = (push: Push, name: string, value: string): Push => ({ ...push, query: { ...push.query, [name]: value } })

  it.each<[string, number, string, () => Push]>([
    ['a wrong signature', 403, 'wrong-signature', () => changed(safePush(messageXml(), now), 'msg_signature', 'a'.repeat(40))],
    ['a stale one', 403, 'stale', () => safePush(messageXml(), later(-301_000))],
    ['a DOCTYPE', 400, 'malformed', () => safePush(`<!DOCTYPE xml [<!ENTITY e SYSTEM "file:///etc/passwd">]>${messageXml()}`, now)],
    ['wrong padding', 403, 'undecryptable', () => safePush('', now, sealedWithBadPadding(messageXml()))],
    ['one in the clear', 403, 'not-encrypted', () => plainPush(messageXml(), now)],
    ['more than 64 KiB', 413, 'too-large', () => safePush('x'.repeat(60_000), now)],
  ])('refuses %s with %i, counts it, and hands nothing on', async (_what, status, reason, sent) => {
    const { app, push, receive, counted } = await start()
    expect(await push(sent())).toMatchObject({ status, text: 'refused' })
    expect(receive).not.toHaveBeenCalled()
    expect(await app.metrics.render()).toContain(counted('refused', reason))
  })

  it('refuses a replay', async () => {
    const { app, push, counted } = await start(() => Promise.reject(new PushRefusedError('replayed')))
    expect(await push(safePush(messageXml(), now))).toMatchObject({ status: 403 })
    expect(await app.metrics.render()).toContain(counted('refused', 'replayed'))
  })

  it.each([new MessageNotStoredError('slow'), new Error('a bug')])('has it sent again when it is not stored (%s)', async (error) => {
    const { push } = await start(() => Promise.reject(error))
    expect(await push(safePush(messageXml(), now))).toMatchObject({ status: 503 })
  })

  it('hands on what is left of the four seconds', async () => {
    const { push, receive } = await start()
    await push(safePush(messageXml(), now))
    const [, withinMs] = (receive.mock.calls as unknown[][])[0] ?? []
    expect(withinMs).toBeLessThanOrEqual(4_000)
  })
})

describe('GET /wechat/messages', () => {
  it('gives the echostr back, to the byte', async () => {
    const { app, counted } = await start()
    const query = searchOf(plainPush('', now), { echostr: '5837397576500011341' })
    const response = await app.get(`/wechat/messages?${query}`)
    expect({ status: response.status, type: response.headers.get('content-type'), text: await response.text() }).toEqual({
      status: 200,
      type: 'text/plain; charset=utf-8',
      text: '5837397576500011341',
    })
    expect(await app.metrics.render()).toContain(counted('accepted', 'server-check'))
  })

  it('is refused with a wrong signature, and the echostr stays inside', async () => {
    const { app } = await start()
    const query = searchOf(plainPush('', now), { echostr: '<script>', signature: 'a'.repeat(40) })
    const response = await app.get(`/wechat/messages?${query}`)
    expect({ status: response.status, text: await response.text() }).toEqual({ status: 403, text: 'refused' })
  })

  it('does not exist without a token', async () => {
    const app = await startTestApp()
    expect((await app.get('/wechat/messages?echostr=1')).status).toBe(404)
    expect((await app.get('/wechat/messages', { method: 'POST', body: '<xml></xml>' })).status).toBe(404)
  })
})

describe('GET /MP_verify_….txt', () => {
  it('is the 16 characters of its name and nothing else', async () => {
    const app = await startTestApp({ domainProofs: ['0a1B2c3D4e5F6g7H'] })
    const response = await app.get('/MP_verify_0a1B2c3D4e5F6g7H.txt')
    expect({ status: response.status, type: response.headers.get('content-type'), text: await response.text() }).toEqual({
      status: 200,
      type: 'text/plain; charset=utf-8',
      text: '0a1B2c3D4e5F6g7H',
    })
    expect(await (await app.get('/MP_verify_AAAAAAAAAAAAAAAA.txt')).text()).not.toContain('AAAAAAAAAAAAAAAA')
  })
})
