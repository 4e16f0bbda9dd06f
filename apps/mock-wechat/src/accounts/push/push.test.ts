import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readXml } from '../../v2/xml.ts'
import { openReceiver, type Reply } from '../../testing/receiver.ts'
import { openAccountBench, openInbox, type AccountBench } from '../../testing/accountBench.ts'
import { decrypt } from './cipher.ts'
import { signatureOf } from './signature.ts'

const Pushed = z.looseObject({
  id: z.string(),
  state: z.string(),
  chat: z.string().nullable(),
  attempts: z.array(z.looseObject({ status: z.number().nullable(), error: z.string().nullable(), verdict: z.unknown() })),
})

/** A bench whose official account has its messages sent to an inbox. */
async function openChat(settings: Record<string, unknown> = {}, options: { reply?: Reply; pushTimeoutMs?: number } = {}) {
  const bench = await openAccountBench(options.pushTimeoutMs === undefined ? {} : { pushTimeoutMs: options.pushTimeoutMs })
  const inbox = await openInbox(options.reply)
  const { appid } = bench.official
  const saved = await bench.control('accounts', { appid, messagesUrl: inbox.url, check: options.pushTimeoutMs === undefined, ...settings })
  if (saved.status !== 200) throw new Error(JSON.stringify(saved))
  const push = async (body: Record<string, unknown>) => Pushed.parse((await bench.control('push', { appid, ...body })).json)
  return { ...bench, inbox, appid, push }
}

const answer =
  (body: string, status = 200): Reply =>
  (response) => {
    response.statusCode = status
    response.end(body)
  }

/** What a merchant does with a push: checks it, and reads the message. */
function open(request: { url: URL; body: string } | undefined, { official }: AccountBench) {
  const query = request?.url.searchParams ?? new URLSearchParams()
  const part = (name: string) => query.get(name) ?? ''
  const outer = readXml(request?.body ?? '')
  const encrypted = outer.get('Encrypt') ?? ''
  const signed = signatureOf(official.token, part('timestamp'), part('nonce')) === part('signature')
  const messageSigned = signatureOf(official.token, part('timestamp'), part('nonce'), encrypted) === part('msg_signature')
  return { query, outer: Object.fromEntries(outer), signed, messageSigned, opened: () => decrypt(encrypted, official.aesKey) }
}

describe('the address of the messages', () => {
  it('is asked before it is saved, in every mode by the clear signature', async () => {
    const bench = await openAccountBench()
    const inbox = await openInbox()
    const { appid } = bench.official
    const { status, json } = await bench.control('accounts', { appid, messagesUrl: inbox.url, mode: 'safe' })
    expect({ status, json }).toMatchObject({ status: 200, json: { account: { appid, messagesUrl: inbox.url } } })
  })

  it.each([
    ['a line end behind the echostr', (echostr: string) => `${echostr}\n`],
    ['the echostr in quotes', (echostr: string) => JSON.stringify(echostr)],
    ['nothing', () => ''],
  ])('is refused when %s comes back, and nothing is saved', async (_, wrap) => {
    const bench = await openAccountBench()
    const { appid } = bench.official
    const { url } = await openReceiver((response, _body, request) => {
      response.end(wrap(new URL(request.url ?? '', 'http://merchant').searchParams.get('echostr') ?? ''))
    })
    const answer = await bench.control('accounts', { appid, messagesUrl: url, token: 'anothertoken' })
    expect(answer).toMatchObject({ status: 409, json: { code: 'server_check_failed', message: expect.stringContaining('token验证失败') } })
    expect(bench.side.accounts.find(appid)?.account).toEqual(bench.official)
  })

  it('is refused when nobody listens', async () => {
    const bench = await openAccountBench()
    const { appid } = bench.official
    const answer = await bench.control('accounts', { appid, messagesUrl: 'http://127.0.0.1:1/' })
    expect(answer).toMatchObject({ status: 409, json: { message: expect.stringContaining('请求URL超时') } })
  })
})

describe('a push', () => {
  it('comes encrypted in safe mode: only ToUserName is clear', async () => {
    const chat = await openChat()
    expect(await chat.push({ event: 'subscribe', key: 'order42' })).toMatchObject({ state: 'taken', chat: null })
    const [request] = chat.inbox.requests
    const { query, outer, signed, messageSigned, opened } = open(request, chat)
    expect({ signed, messageSigned, type: query.get('encrypt_type') }).toEqual({ signed: true, messageSigned: true, type: 'aes' })
    expect(Object.keys(outer)).toEqual(['ToUserName', 'Encrypt'])
    const { message, appid } = opened()
    expect(appid).toBe(chat.appid)
    expect(Object.fromEntries(readXml(message))).toMatchObject({
      ToUserName: chat.official.originalId,
      FromUserName: query.get('openid'),
      CreateTime: String(Math.floor(chat.clock.realNow() / 1000)),
      MsgType: 'event',
      Event: 'subscribe',
      EventKey: 'qrscene_order42',
      Ticket: expect.any(String),
    })
    expect(request?.contentType).toBe('text/xml')
  })

  it('comes clear in plain mode, and both ways in compatible mode', async () => {
    const chat = await openChat({ mode: 'plain' })
    await chat.push({ text: '你好 ]]> <b>' })
    await chat.push({ text: 'both', mode: 'compatible' })
    const [plain, both] = chat.inbox.requests.map((request) => open(request, chat))
    expect(plain?.outer).toMatchObject({ MsgType: 'text', Content: '你好 ]]> <b>', MsgId: expect.stringMatching(/^\d{18}$/) })
    expect([plain?.query.has('encrypt_type'), plain?.query.has('msg_signature'), plain?.signed]).toEqual([false, false, true])
    expect(both?.outer).toMatchObject({ Content: 'both', Encrypt: expect.any(String) })
    expect(both?.opened().message).toContain('<Content><![CDATA[both]]></Content>')
  })

  it('comes as JSON where the account wants it: MsgId is a number that JavaScript cannot hold', async () => {
    const chat = await openChat({ mode: 'plain', format: 'json' })
    await chat.push({ text: 'x' })
    const [request] = chat.inbox.requests
    expect(request?.contentType).toBe('application/json')
    expect(request?.body).toMatch(/"MsgId":2\d{16}9}$/)
    expect(JSON.parse(request?.body ?? '')).toMatchObject({ MsgType: 'text', Content: 'x', CreateTime: expect.any(Number) })
  })

  it.each([
    ['SCAN', 'order42', { EventKey: 'order42' }],
    ['CLICK', 'V1001', { EventKey: 'V1001' }],
    ['VIEW', 'https://shop.example.com/', { EventKey: 'https://shop.example.com/', MenuId: expect.any(String) }],
    ['unsubscribe', undefined, { EventKey: '' }],
  ])('tells of %s', async (event, key, fields) => {
    const chat = await openChat({ mode: 'plain' })
    await chat.push({ event, key })
    expect(open(chat.inbox.requests[0], chat).outer).toMatchObject({ Event: event, ...fields })
    expect(open(chat.inbox.requests[0], chat).outer).not.toHaveProperty('MsgId')
  })

  it('makes and unmakes followers', async () => {
    const chat = await openChat()
    const followers = () => chat.side.accounts.find(chat.appid)?.account.followers
    await chat.push({ event: 'unsubscribe' })
    expect(followers()).toEqual([])
    await chat.push({ event: 'subscribe', openid: 'friend' })
    expect(followers()).toEqual(['friend'])
  })

  it('comes three times in all while nobody answers in time, each time signed anew', async () => {
    const chat = await openChat({}, { reply: () => undefined, pushTimeoutMs: 100 })
    const { state, attempts, chat: seen } = await chat.push({ event: 'CLICK', key: 'a' })
    expect(attempts.map(({ error }) => error)).toEqual(Array(3).fill('no complete answer in time'))
    expect({ state, seen }).toEqual({ state: 'failed', seen: '该公众号提供的服务出现故障，请稍后再试' })
    const opened = chat.inbox.requests.map((request) => open(request, chat))
    expect(new Set(opened.map(({ query }) => query.get('nonce')))).toHaveLength(3)
    expect(new Set(opened.map((each) => each.opened().message))).toHaveLength(1)
  })

  it('is not repeated when the answer is wrong, only when there is none', async () => {
    const chat = await openChat({}, { reply: answer('<html>oops</html>') })
    expect(await chat.push({ text: 'x' })).toMatchObject({ state: 'failed', attempts: [{ status: 200, verdict: { type: 'wrong' } }] })
    chat.inbox.answerWith(answer('later', 503))
    expect((await chat.push({ text: 'x' })).attempts).toMatchObject([{ status: 503 }, { status: 503 }, { status: 503 }])
  })

  it('is not sent for a minute after five pushes in a row have failed', async () => {
    const chat = await openChat({}, { reply: answer('no') })
    const states: string[] = []
    for (let round = 0; round < 6; round += 1) states.push((await chat.push({ text: 'x' })).state)
    expect(states).toEqual(['failed', 'failed', 'failed', 'failed', 'failed', 'paused'])
    chat.inbox.answerWith(answer(''))
    chat.advance(60_000)
    expect(await chat.push({ text: 'x' })).toMatchObject({ state: 'taken', attempts: [{ verdict: { type: 'empty' } }] })
  })
})

describe('a clear reply', () => {
  const textReply = (to: string, from: string) =>
    `<xml><ToUserName><![CDATA[${to}]]></ToUserName><FromUserName><![CDATA[${from}]]></FromUserName><CreateTime>1767225602</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[谢谢]]></Content></xml>`

  it('reaches the chat in plain mode and in compatible mode, not in safe mode', async () => {
    const chat = await openChat()
    chat.inbox.answerWith((response) => {
      const openid = chat.inbox.requests.at(-1)?.url.searchParams.get('openid') ?? ''
      response.end(textReply(openid, chat.official.originalId))
    })
    expect(await chat.push({ text: 'x', mode: 'plain' })).toMatchObject({ state: 'taken', chat: '谢谢' })
    expect(await chat.push({ text: 'x', mode: 'compatible' })).toMatchObject({ state: 'taken', chat: '谢谢' })
    expect(await chat.push({ text: 'x', mode: 'safe' })).toMatchObject({
      state: 'failed',
      attempts: [{ verdict: { type: 'wrong', reason: 'the reply is not encrypted' } }],
    })
  })
})

describe('on command', () => {
  it.each([
    ['wrong-signature', { signed: false, messageSigned: true }],
    ['wrong-msg-signature', { signed: true, messageSigned: false }],
    ['signature-as-msg-signature', { signed: true, messageSigned: false }],
    ['changed-encrypt', { signed: true, messageSigned: false }],
  ])('%s: the signatures are as it says, and it goes out once', async (fault, expected) => {
    const chat = await openChat({}, { reply: answer('no', 403) })
    expect(await chat.push({ event: 'CLICK', key: 'a', faults: [fault] })).toMatchObject({ state: 'failed', attempts: [{ status: 403 }] })
    const { signed, messageSigned } = open(chat.inbox.requests[0], chat)
    expect({ signed, messageSigned }).toEqual(expected)
  })

  it('a foreign appid and a bad padding are rightly signed', async () => {
    const chat = await openChat()
    await chat.push({ text: 'x', faults: ['foreign-appid'] })
    await chat.push({ text: 'x', faults: ['bad-padding'] })
    const [foreign, padded] = chat.inbox.requests.map((request) => open(request, chat))
    expect([foreign?.messageSigned, padded?.messageSigned]).toEqual([true, true])
    expect(foreign?.opened().appid).not.toBe(chat.appid)
    expect(() => padded?.opened()).toThrow('the padding is wrong')
  })

  it('a DOCTYPE stands in front of the body, or inside the encrypted message', async () => {
    const chat = await openChat()
    await chat.push({ text: 'x', faults: ['doctype'] })
    await chat.push({ text: 'x', faults: ['doctype-inside'] })
    const [outside, inside] = chat.inbox.requests
    expect(outside?.body).toMatch(/^<!DOCTYPE/)
    expect(open(inside, chat).opened().message).toMatch(/^<!DOCTYPE/)
  })

  it('an old push is an hour old and rightly signed; a duplicate is signed anew; a replay is the same bytes', async () => {
    const chat = await openChat()
    await chat.push({ text: 'x', faults: ['old-timestamp'] })
    const { id } = await chat.push({ text: 'x', faults: ['duplicate'] })
    await chat.control(`pushes/${id}/replay`, {})
    const [old, first, second, third] = chat.inbox.requests
    const opened = open(old, chat)
    expect(opened.messageSigned).toBe(true)
    expect(Number(opened.query.get('timestamp'))).toBe(Math.floor(chat.clock.realNow() / 1000) - 3600)
    expect(open(second, chat).opened()).toEqual(open(first, chat).opened())
    expect(second?.url.search).not.toBe(first?.url.search)
    expect(third).toEqual(second)
  })

  it('what would do nothing is refused', async () => {
    const chat = await openChat()
    const answers = await Promise.all([
      chat.control('push', { appid: chat.appid, text: 'x', mode: 'plain', faults: ['bad-padding'] }),
      chat.control('push', { appid: chat.appid, text: 'x', format: 'json', faults: ['doctype'] }),
      chat.control('push', { appid: chat.appid, text: 'x', event: 'SCAN' }),
      chat.control('push', { appid: chat.appid, event: 'SCAN' }),
      chat.control('push', { appid: chat.appid, text: 'x', openid: 'nobody' }),
      chat.control('push', { appid: chat.mini.appid, text: 'x' }),
      chat.control('push', { appid: 'wx0', text: 'x' }),
    ])
    expect(answers.map(({ status, json }) => [status, json['code']])).toEqual([
      [400, 'invalid'],
      [400, 'invalid'],
      [400, 'invalid'],
      [400, 'invalid'],
      [404, 'unknown_user'],
      [409, 'no_messages_url'],
      [404, 'unknown_account'],
    ])
    expect(chat.inbox.requests).toEqual([])
  })
})
